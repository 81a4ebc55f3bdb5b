#include "peer/setup/identity.h"

#include "p2p/multi/limits.h"
#include "store/folder.h"

namespace goop::peer::setup {
namespace {

constexpr mode_t file_mode = 0600;
constexpr mode_t folder_mode = 0700;
constexpr mode_t of_others = 0077;

std::unexpected<Error> unusable(Errc code, const std::filesystem::path& file,
                                std::string_view why) {
  return fail(code,
              "the identity {} cannot be used: {}. Put a backup of it there. Without one, move the "
              "file away: the next start makes a new identity, under which nobody knows this peer "
              "yet",
              file.string(), why);
}

// Named through its own folder, so that a file of any other place works the same way.
struct Place {
  std::filesystem::path full;
  std::filesystem::path parent;
  std::string name;
};

Place place_of(const std::filesystem::path& folder, std::string_view file) {
  const auto full = (folder / file).lexically_normal();
  const auto parent = full.has_parent_path() ? full.parent_path() : std::filesystem::path(".");
  return {full, parent, full.filename().string()};
}

Result<Identity> read(const store::Folder& parent, const Place& place) {
  auto file = parent.open_file(place.name);
  if (!file && file.error().code == Errc::not_found) return std::unexpected(file.error());
  if (!file) return unusable(file.error().code, place.full, file.error().detail);
  Bytes bytes(p2p::limits::private_key_bytes + 1);
  bytes.resize(file->read_at(0, bytes));
  auto key = p2p::KeyPair::from_protobuf(bytes);
  crypto::wipe(bytes);
  if (!key) return unusable(Errc::invalid, place.full, key.error().detail);
  const auto id = p2p::PeerId::from_key(key->public_key());
  Identity identity{*std::move(key), id, false, {}};
  if (file->info().mode & of_others) {
    file->set_mode(file_mode);
    identity.warning = fmt::format("{} could be read by others (mode {:o}); now it cannot",
                                   place.full.string(), file->info().mode);
  }
  return identity;
}

}  // namespace

Result<Identity> read_identity(const std::filesystem::path& folder, std::string_view file) {
  const Place place = place_of(folder, file);
  GOOP_TRY(const store::Folder parent, store::Folder::open(place.parent));
  return read(parent, place);
}

Result<Identity> open_identity(const std::filesystem::path& folder, std::string_view file,
                               const crypto::Secret<32>& fresh) {
  const Place place = place_of(folder, file);
  GOOP_TRY(const store::Folder parent, store::Folder::open_or_create(place.parent, folder_mode));
  auto found = read(parent, place);
  if (found || found.error().code != Errc::not_found) return found;
  auto key = p2p::KeyPair::from_seed(fresh);
  const auto secret = key.protobuf();
  GOOP_CHECK(parent.write_atomic(place.name, secret.view(), file_mode));
  const auto id = p2p::PeerId::from_key(key.public_key());
  return Identity{std::move(key), id, true, {}};
}

}  // namespace goop::peer::setup
