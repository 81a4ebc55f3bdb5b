// The key that makes a peer who it is, in a file of its own.
//
// The file holds libp2p's private key message, nothing around it (68 bytes for Ed25519), mode 0600
// in a folder of mode 0700. Missing: a new one is made. Unreadable, damaged or of a type we cannot
// sign with: an error that says what to do. A key is never replaced, for whoever knows the peer
// would lose it.
//
// Thread: any; waits for the disk.
#pragma once

#include <filesystem>
#include <string>

#include "crypto/secret.h"
#include "p2p/multi/keys.h"
#include "p2p/multi/peer_id.h"

namespace goop::peer::setup {

struct Identity {
  p2p::KeyPair key;
  p2p::PeerId id;
  bool created = false;
  std::string warning;  // what was mended, for the log; usually empty
};

// `file` as in `identity.key_file`: relative to `folder`, or absolute. `fresh` becomes the key when
// there is none: 32 bytes of Runtime::random.
Result<Identity> open_identity(const std::filesystem::path& folder, std::string_view file,
                               const crypto::Secret<32>& fresh);

// not_found: there is none yet. For commands that only ask for the peer id.
Result<Identity> read_identity(const std::filesystem::path& folder, std::string_view file);

}  // namespace goop::peer::setup
