// Definitions that come before those of the C library. Each asks whether it is to fail, and else
// calls on. They bear names of our own and are renamed by their asm labels, so that the headers'
// declarations (noexcept, fortified) do not matter. 64-bit Linux: open and open64 are one.
#include "testing/faults/interposed.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/openat2.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>

namespace goop::testing {
namespace {

std::atomic<bool> on = false;
thread_local bool inside = false;  // what the questions themselves call is no matter of tests

// Asks `question` for an errno; 0 when nobody is to be asked.
template <class Question>
int ask(const Question& question) {
  if (!on.load(std::memory_order_relaxed) || inside) return 0;
  const int before = errno;
  inside = true;
  const int error = question();
  inside = false;
  errno = before;
  return error;
}

bool refused(int error) {
  if (error) errno = error;
  return error != 0;
}

bool fails(Call call, int directory, const char* path) {
  return refused(ask([&] { return error_for_path(call, directory, path); }));
}
bool fails(Call call, int fd) {
  return refused(ask([&] { return error_for_file(call, fd); }));
}
bool fails(Call call) {
  return refused(ask([&] { return error_for_network(call); }));
}

Call opening(int flags) { return flags & (O_CREAT | O_TRUNC) ? Call::create : Call::open; }

// What the file is called where the test's disk does not tell upper from lower case.
std::string on_disk(int directory, const char* path) {
  std::string name = path;
  ask([&] {
    name = name_on_disk(directory, path);
    return 0;
  });
  return name;
}

int told(int result, int fd, struct stat* info) {
  if (result == 0) {
    ask([&] {
      alter_stat_of(fd, *info);
      return 0;
    });
  }
  return result;
}

template <class F>
F* next(const char* symbol) {
  return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, symbol));
}

}  // namespace

void interpose(bool wanted) { on = wanted; }

}  // namespace goop::testing

using goop::testing::Call;
using goop::testing::fails;

// RESULT NAME(PARAMETERS): `condition` of failing, then the call of the original with `arguments`.
#define GOOP_INTERPOSE(symbol, result, parameters, condition, arguments, failure)  \
  extern "C" result goop_own_##symbol parameters asm(#symbol);                     \
  extern "C" result goop_own_##symbol parameters {                                 \
    static auto* const original = goop::testing::next<result parameters>(#symbol); \
    if (condition) return failure;                                                 \
    return original arguments;                                                     \
  }

// --- files by path ---

#define GOOP_OPEN(symbol)                                                                   \
  extern "C" int goop_own_##symbol(const char* path, int flags, mode_t mode) asm(#symbol);  \
  extern "C" int goop_own_##symbol(const char* path, int flags, mode_t mode) {              \
    static auto* const original = goop::testing::next<int(const char*, int, ...)>(#symbol); \
    if (fails(goop::testing::opening(flags), AT_FDCWD, path)) return -1;                    \
    return original(goop::testing::on_disk(AT_FDCWD, path).c_str(), flags, mode);           \
  }
GOOP_OPEN(open)
GOOP_OPEN(open64)

#define GOOP_OPENAT(symbol)                                                                        \
  extern "C" int goop_own_##symbol(int at, const char* path, int flags, mode_t mode) asm(#symbol); \
  extern "C" int goop_own_##symbol(int at, const char* path, int flags, mode_t mode) {             \
    static auto* const original = goop::testing::next<int(int, const char*, int, ...)>(#symbol);   \
    if (fails(goop::testing::opening(flags), at, path)) return -1;                                 \
    return original(at, goop::testing::on_disk(at, path).c_str(), flags, mode);                    \
  }
GOOP_OPENAT(openat)
GOOP_OPENAT(openat64)

extern "C" long goop_own_syscall(long number, long a, long b, long c, long d, long e,
                                 long f) asm("syscall");
extern "C" long goop_own_syscall(long number, long a, long b, long c, long d, long e, long f) {
  static auto* const original = goop::testing::next<long(long, ...)>("syscall");
  if (number != SYS_openat2) return original(number, a, b, c, d, e, f);
  const auto at = static_cast<int>(a);
  const auto* path = reinterpret_cast<const char*>(b);
  const auto* how = reinterpret_cast<const open_how*>(c);
  if (fails(goop::testing::opening(static_cast<int>(how->flags)), at, path)) return -1;
  const auto name = goop::testing::on_disk(at, path);
  return original(number, a, name.c_str(), c, d, e, f);
}

GOOP_INTERPOSE(access, int, (const char* path, int mode), fails(Call::stat, AT_FDCWD, path),
               (path, mode), -1)
GOOP_INTERPOSE(mkdir, int, (const char* path, mode_t mode), fails(Call::make, AT_FDCWD, path),
               (path, mode), -1)
GOOP_INTERPOSE(mkdirat, int, (int at, const char* path, mode_t mode), fails(Call::make, at, path),
               (at, path, mode), -1)
GOOP_INTERPOSE(unlink, int, (const char* path), fails(Call::remove, AT_FDCWD, path), (path), -1)
GOOP_INTERPOSE(unlinkat, int, (int at, const char* path, int flags), fails(Call::remove, at, path),
               (at, path, flags), -1)
GOOP_INTERPOSE(rename, int, (const char* from, const char* to), fails(Call::rename, AT_FDCWD, to),
               (from, to), -1)
GOOP_INTERPOSE(renameat, int, (int from_at, const char* from, int to_at, const char* to),
               fails(Call::rename, to_at, to), (from_at, from, to_at, to), -1)

#define GOOP_STAT(symbol)                                                                       \
  extern "C" int goop_own_##symbol(const char* path, struct stat* info) asm(#symbol);           \
  extern "C" int goop_own_##symbol(const char* path, struct stat* info) {                       \
    static auto* const original = goop::testing::next<int(const char*, struct stat*)>(#symbol); \
    if (fails(Call::stat, AT_FDCWD, path)) return -1;                                           \
    return original(goop::testing::on_disk(AT_FDCWD, path).c_str(), info);                      \
  }
GOOP_STAT(stat)
GOOP_STAT(stat64)
GOOP_STAT(lstat)
GOOP_STAT(lstat64)

#define GOOP_FSTATAT(symbol)                                                            \
  GOOP_INTERPOSE(symbol, int, (int at, const char* path, struct stat* info, int flags), \
                 fails(Call::stat, at, path), (at, path, info, flags), -1)
GOOP_FSTATAT(fstatat)
GOOP_FSTATAT(fstatat64)

// --- open files ---

#define GOOP_FSTAT(symbol)                                                              \
  extern "C" int goop_own_##symbol(int fd, struct stat* info) asm(#symbol);             \
  extern "C" int goop_own_##symbol(int fd, struct stat* info) {                         \
    static auto* const original = goop::testing::next<int(int, struct stat*)>(#symbol); \
    if (fails(Call::stat, fd)) return -1;                                               \
    return goop::testing::told(original(fd, info), fd, info);                           \
  }
GOOP_FSTAT(fstat)
GOOP_FSTAT(fstat64)

GOOP_INTERPOSE(read, ssize_t, (int fd, void* into, size_t size), fails(Call::read, fd),
               (fd, into, size), -1)
GOOP_INTERPOSE(pread, ssize_t, (int fd, void* into, size_t size, off_t at), fails(Call::read, fd),
               (fd, into, size, at), -1)
GOOP_INTERPOSE(pread64, ssize_t, (int fd, void* into, size_t size, off_t at), fails(Call::read, fd),
               (fd, into, size, at), -1)
GOOP_INTERPOSE(preadv2, ssize_t, (int fd, const iovec* parts, int count, off_t at, int flags),
               fails(Call::read, fd), (fd, parts, count, at, flags), -1)
GOOP_INTERPOSE(write, ssize_t, (int fd, const void* from, size_t size), fails(Call::write, fd),
               (fd, from, size), -1)
GOOP_INTERPOSE(pwrite, ssize_t, (int fd, const void* from, size_t size, off_t at),
               fails(Call::write, fd), (fd, from, size, at), -1)
GOOP_INTERPOSE(pwrite64, ssize_t, (int fd, const void* from, size_t size, off_t at),
               fails(Call::write, fd), (fd, from, size, at), -1)
GOOP_INTERPOSE(ftruncate, int, (int fd, off_t size), fails(Call::write, fd), (fd, size), -1)
GOOP_INTERPOSE(ftruncate64, int, (int fd, off_t size), fails(Call::write, fd), (fd, size), -1)
GOOP_INTERPOSE(fsync, int, (int fd), fails(Call::sync, fd), (fd), -1)
GOOP_INTERPOSE(fdatasync, int, (int fd), fails(Call::sync, fd), (fd), -1)
GOOP_INTERPOSE(fchmod, int, (int fd, mode_t mode), fails(Call::set_mode, fd), (fd, mode), -1)
GOOP_INTERPOSE(fchown, int, (int fd, uid_t user, gid_t group), fails(Call::set_mode, fd),
               (fd, user, group), -1)
GOOP_INTERPOSE(flock, int, (int fd, int how), fails(Call::lock, fd), (fd, how), -1)
GOOP_INTERPOSE(fdopendir, void*, (int fd), fails(Call::list, fd), (fd), nullptr)

extern "C" dirent* goop_own_readdir(DIR* directory) asm("readdir");
extern "C" dirent* goop_own_readdir(DIR* directory) {
  static auto* const original = goop::testing::next<dirent*(DIR*)>("readdir");
  if (fails(Call::list, ::dirfd(directory))) return nullptr;
  return original(directory);
}

// --- the network ---

GOOP_INTERPOSE(socket, int, (int family, int type, int protocol), fails(Call::socket),
               (family, type, protocol), -1)
GOOP_INTERPOSE(setsockopt, int, (int fd, int level, int option, const void* value, socklen_t size),
               fails(Call::option), (fd, level, option, value, size), -1)
GOOP_INTERPOSE(bind, int, (int fd, const sockaddr* at, socklen_t size), fails(Call::bind),
               (fd, at, size), -1)
GOOP_INTERPOSE(listen, int, (int fd, int backlog), fails(Call::listen), (fd, backlog), -1)
GOOP_INTERPOSE(accept, int, (int fd, sockaddr* from, socklen_t* size), fails(Call::accept),
               (fd, from, size), -1)
GOOP_INTERPOSE(accept4, int, (int fd, sockaddr* from, socklen_t* size, int flags),
               fails(Call::accept), (fd, from, size, flags), -1)
GOOP_INTERPOSE(connect, int, (int fd, const sockaddr* to, socklen_t size), fails(Call::connect),
               (fd, to, size), -1)
GOOP_INTERPOSE(send, ssize_t, (int fd, const void* from, size_t size, int flags), fails(Call::send),
               (fd, from, size, flags), -1)
GOOP_INTERPOSE(sendmsg, ssize_t, (int fd, const msghdr* message, int flags), fails(Call::send),
               (fd, message, flags), -1)
GOOP_INTERPOSE(recv, ssize_t, (int fd, void* into, size_t size, int flags), fails(Call::receive),
               (fd, into, size, flags), -1)
GOOP_INTERPOSE(recvmsg, ssize_t, (int fd, msghdr* message, int flags), fails(Call::receive),
               (fd, message, flags), -1)
GOOP_INTERPOSE(getifaddrs, int, (ifaddrs * *list), fails(Call::interfaces), (list), -1)
GOOP_INTERPOSE(getaddrinfo, int,
               (const char* host, const char* service, const addrinfo* hints, addrinfo** found),
               fails(Call::resolve), (host, service, hints, found), EAI_SYSTEM)
