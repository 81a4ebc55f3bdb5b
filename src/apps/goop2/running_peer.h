// A peer that runs in another process, asked over its viewer's API with the command line's token.
//
//   auto running = co_await RunningPeer::find(runtime, network, folder);
//   if (!running) …                         // nobody runs in this folder
//   json::Object status = co_await running->get("/api/status");
//
// Spec:   docs/dev/protocols/viewer-api.md.   Thread: loop only.
// Errors: Failure with the code and text of the API's answer; closed, timeout, violation.
#pragma once

#include <memory>

#include "base/json.h"
#include "net/http/client.h"
#include "p2p/multi/peer_id.h"
#include "peer/setup/control_file.h"
#include "wire/site_path.h"

namespace goop::apps {

class RunningPeer {
 public:
  // Null: the folder says that no peer runs, or nobody answers where it says that one does.
  static Task<std::unique_ptr<RunningPeer>> find(Runtime& runtime, net::Network& network,
                                                 const store::Folder& folder);

  Task<json::Object> get(std::string target);
  // `patience`: beyond the time that an answer usually takes.
  Task<json::Object> post(std::string target, json::Object body, Duration patience = {});

  // Starts to read what happens at the peer: an event stream (net/http/sse.h), from the snapshot
  // or event with this cursor on; empty: from now on.
  Task<net::http::Client*> events(std::string after = {});

  // Starts to read a file of a site; its bytes come from the result, until the next call of any
  // kind. A directory named without its '/' is asked for again with it. The owner's refusal is the
  // result's error.
  struct File {
    net::http::Client* bytes;
    std::optional<std::uint64_t> size;
  };
  Task<Result<File>> file(p2p::PeerId owner, wire::SitePath path, Deadline by);

 private:
  RunningPeer(Runtime& runtime, net::Network& network, net::Endpoint at,
              peer::setup::ControlFile control, std::unique_ptr<net::http::Client> client)
      : runtime_(runtime),
        network_(network),
        at_(std::move(at)),
        control_(std::move(control)),
        client_(std::move(client)) {}
  Task<const net::http::ResponseHead*> send(net::http::ClientRequest request, Deadline by);
  Task<json::Object> answer(net::http::ClientRequest request, Deadline by);

  Runtime& runtime_;
  net::Network& network_;
  net::Endpoint at_;
  peer::setup::ControlFile control_;
  std::unique_ptr<net::http::Client> client_;
};

}  // namespace goop::apps
