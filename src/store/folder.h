// A directory and what lies below it; nothing outside can be reached through it.
//
// Paths are relative, segments separated by one '/', "" is the folder itself. Symbolic links are
// never followed (the folder's own path may contain some), so what a link placed or swapped in
// below the folder points to stays out of reach. Only regular files are opened.
//
// Two speeds: the usual calls may wait for the disk and belong on the pool; try_open_cached,
// try_open_file_cached and File::try_read_cached never wait, so the loop thread can serve what is
// in memory anyway.
//
// Thread: any; a Folder holds no state but its descriptor.   Limits: store/limits.h
// Errors: not_found, forbidden (a link, or the system refuses), conflict (a directory where a file
// is meant, …), invalid and too_large (the path). What the disk fails at is Failure(storage), out
// of descriptors or memory Failure(busy), a file that a network disk lost meanwhile
// Failure(conflict).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "store/limits.h"
#include "store/resolve.h"

namespace goop::store {

enum class FileKind { file, directory, link, other };

struct FileInfo {
  FileKind kind = FileKind::other;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;  // since 1970
  // Of the last change of anything, times and rights included: nobody can set it.
  std::int64_t ctime_ns = 0;
  std::uint64_t device = 0, inode = 0, links = 0;
  mode_t mode = 0;  // permission bits

  // Equal values: nobody has touched the file in between.
  bool operator==(const FileInfo&) const = default;

  // Nobody has written into the file since it looked like `before`. That its last name is gone,
  // since another file was put in its place, does not matter.
  bool unwritten_since(const FileInfo& before) const {
    return same_file(before) && size == before.size && mtime_ns == before.mtime_ns &&
           (ctime_ns == before.ctime_ns || links == 0);
  }

  // The very same file or directory, whatever its name and content.
  bool same_file(const FileInfo& other) const {
    return device == other.device && inode == other.inode;
  }
};

// An open regular file.
class File {
 public:
  File(Descriptor fd, const FileInfo& info) : fd_(std::move(fd)), info_(info) {}

  const FileInfo& info() const { return info_; }  // at the time of opening
  FileInfo current_info() const;
  int fd() const { return fd_.get(); }

  // Fills `out` from `offset`; fewer bytes only at the end of the file.
  std::size_t read_at(std::uint64_t offset, MutBytes out) const;

  // As much of it as is in memory, 0 at the end; nothing: it would have to wait for the disk.
  std::optional<std::size_t> try_read_cached(std::uint64_t offset, MutBytes out) const;

  void set_mode(mode_t mode) const;

 private:
  Descriptor fd_;
  FileInfo info_;
};

class Folder {
 public:
  static Result<Folder> open(const std::filesystem::path& path);
  // Makes what is missing of `path`, with `mode` for what it makes.
  static Result<Folder> open_or_create(const std::filesystem::path& path, mode_t mode);

  // For reading alone: to open what lies below (any call but list). Nothing: it would have to wait
  // for the disk; ask open on the pool.
  static std::optional<Result<Folder>> try_open_cached(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }  // for messages
  FileInfo current_info() const;                               // of the folder itself
  bool keeps_short_names() const;  // FAT: what lies here may have a second name ("GIT~1")

  Result<File> open_file(std::string_view path) const;
  // Nothing: it would have to wait for the disk; ask open_file on the pool.
  std::optional<Result<File>> try_open_file_cached(std::string_view path) const;
  // For reading and writing in place; an empty file with `mode` when it is missing.
  Result<File> open_or_create_file(std::string_view path, mode_t mode) const;

  Result<Folder> subfolder(std::string_view path) const;
  Result<FileInfo> info(std::string_view path) const;

  struct Entry {
    std::string name;
    FileInfo info;
  };
  // By name, without "." and "..". too_large: over limits::list_entries.
  Result<std::vector<Entry>> list(std::string_view path) const;

  // The whole file. too_large: it has more than `max_bytes`.
  Result<Bytes> read(std::string_view path, std::size_t max_bytes) const;

  // After a crash at any moment the file has its old content or the new one, whole. Where root
  // replaces a file of another user, it stays that user's.
  Result<void> write_atomic(std::string_view path, BytesView bytes, mode_t mode = 0644) const;

  Result<void> make_directories(std::string_view path, mode_t mode = 0755) const;
  Result<void> remove(std::string_view path) const;  // a file, or an empty directory

  // Removes what writers that died have left in the directory `path`; only for who knows that no
  // other process writes there. Gives their number.
  Result<std::size_t> remove_leftovers(std::string_view path) const;

 private:
  Folder(Descriptor fd, std::filesystem::path path) : fd_(std::move(fd)), path_(std::move(path)) {}
  Result<Descriptor> open_parent(std::string_view path, std::string& last) const;

  Descriptor fd_;
  std::filesystem::path path_;
};

// The name of a file that write_atomic was writing: never to be shown or served.
bool is_temporary(std::string_view name);

}  // namespace goop::store
