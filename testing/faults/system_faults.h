// System calls that fail on demand: full disks, used up descriptors, dead networks.
//
//   SystemFaults faults;
//   faults.fail({.calls = full_disk, .error = ENOSPC, .below = folder.path()});   // until healed
//   faults.fail({.calls = {Call::accept}, .error = EMFILE, .times = 3});
//   faults.heal();
//
// A test program that links this has definitions of its own of open, write, accept and others (see
// interposed.cpp), which come before those of the C library: store/, net/, SQLite and Asio call
// them without knowing. What is delivered is not concerned. While nothing is to fail, a call costs
// one load more.
//
// Calls with files are told apart by path: a simulation can fill the disk of one peer of many.
// EINTR is retried by whoever gets it, so let it come a few times only.
//
// One at a time.   Thread: any (pool jobs ask, too).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <string_view>
#include <vector>

struct stat;

namespace goop::testing {

enum class Call {
  // of files
  open,    // of what is there
  create,  // open for writing what may have to be made
  stat,    // and access
  read,    // of a file's content
  list,    // of a directory
  write,   // and truncate
  sync,    // fsync, fdatasync
  rename,
  make,  // of a directory
  remove,
  set_mode,  // and owner
  lock,
  // of the network
  socket,  // a new one
  option,  // setsockopt
  bind,
  listen,
  accept,
  connect,
  send,
  receive,
  interfaces,  // the list of them
  resolve,     // a name
};
std::string_view name(Call call);

const std::vector<Call> file_calls = {Call::open, Call::create, Call::stat,     Call::read,
                                      Call::list, Call::write,  Call::sync,     Call::rename,
                                      Call::make, Call::remove, Call::set_mode, Call::lock};
const std::vector<Call> network_calls = {Call::socket,     Call::option,  Call::bind, Call::listen,
                                         Call::accept,     Call::connect, Call::send, Call::receive,
                                         Call::interfaces, Call::resolve};
// What a disk without room refuses (ENOSPC, EDQUOT).
const std::vector<Call> full_disk = {Call::create, Call::write, Call::sync, Call::rename,
                                     Call::make};

struct Fault {
  std::vector<Call> calls;
  int error = 0;                     // errno
  std::filesystem::path below = {};  // files only: the folder that it concerns, itself included
  std::size_t skip = 0;              // so many calls go well before
  std::size_t times = std::numeric_limits<std::size_t>::max();
};

class SystemFaults {
 public:
  SystemFaults();
  ~SystemFaults();
  SystemFaults(const SystemFaults&) = delete;
  SystemFaults& operator=(const SystemFaults&) = delete;

  void fail(Fault fault);
  void heal();
  std::size_t failed() const;  // calls that were made to fail

  // What stat tells of files below `folder`: for file systems with numbers and times of their own.
  void alter_stat(std::filesystem::path folder, std::function<void(struct stat&)> alter);

  // Names below `folder` are looked up without regard to ASCII case, as on some disks.
  void ignore_case(std::filesystem::path folder);
};

}  // namespace goop::testing
