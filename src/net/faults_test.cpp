// What each function of network.h makes of an error of the system: the answer or Failure that it
// promises, nothing left open, and all is well when the error has passed.
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>

#include "base/os_runtime.h"
#include "base/task_scope.h"
#include "net/os_interfaces.h"
#include "net/os_network.h"
#include "testing/faults/system_faults.h"

namespace goop::net {
namespace {

using goop::testing::Call;
using goop::testing::SystemFaults;

constexpr int errors[] = {EMFILE, ENFILE, ENOSPC,   EDQUOT,       EIO,         EACCES,
                          ENOMEM, EROFS,  ENETDOWN, EHOSTUNREACH, ECONNABORTED};

Errc expected(int error) {
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return Errc::busy;
    case EACCES:
      return Errc::forbidden;
    case ENETDOWN:
    case EHOSTUNREACH:
      return Errc::unreachable;
    case ECONNABORTED:
      return Errc::closed;
    default:
      return Errc::storage;
  }
}

const Endpoint loopback{asio::ip::address_v4::loopback(), 0};

class NetFaults : public ::testing::Test {
 protected:
  OsRuntime runtime{1};
  OsNetwork network{runtime};
  SystemFaults faults;

  // The outcome of `task`, which ends within some seconds.
  template <class T>
  Result<T> outcome(Task<T> task) {
    std::optional<Result<T>> result;
    TaskScope scope(runtime, "test");
    auto by = Deadline::after(runtime.now(), 10s);
    auto bounded = with_deadline(runtime, by, "the test", attempt(std::move(task)));
    scope.spawn(keep(std::move(bounded), result),
                [this](std::optional<Error>) { runtime.loop().stop(); });
    runtime.loop().restart();
    runtime.run();
    return result ? std::move(*result) : Result<T>(fail(Errc::internal, "no outcome"));
  }

  template <class T>
  static Task<> keep(Task<Result<T>> task, std::optional<Result<T>>& result) {
    result.emplace(co_await std::move(task));
  }

  static std::ptrdiff_t open_files() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  }
  Deadline soon() const { return Deadline::after(runtime.now(), 5s); }
};

template <class T>
void expect_error(const Result<T>& result, int error) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, expected(error)) << to_string(result.error());
  EXPECT_FALSE(result.error().detail.empty());
}

TEST_F(NetFaults, Listening_answers_each_error_and_leaves_nothing_open) {
  const auto before = open_files();
  for (const Call call : {Call::socket, Call::option, Call::bind, Call::listen}) {
    for (const int error : errors) {
      SCOPED_TRACE(fmt::format("{} fails with {}", name(call), error));
      faults.fail({.calls = {call}, .error = error});
      expect_error(network.listen(loopback, {.reuse_port = true}), error);
      faults.heal();
      EXPECT_TRUE(network.listen(loopback, {}));
    }
  }
  EXPECT_EQ(open_files(), before);
}

Task<std::string> greet(OsNetwork& network, Listener& listener, Deadline by) {
  auto dialling = network.connect(listener.local(), std::nullopt, by);
  auto near = co_await std::move(dialling);
  auto far = co_await listener.accept();
  const auto hello = as_bytes("hello");
  const BytesView part = hello;
  co_await near->write({&part, 1});
  Bytes buffer(10);
  buffer.resize(co_await far->read_some(buffer));
  co_return to_text(buffer);
}

TEST_F(NetFaults, Accepting_and_connecting_fail_as_the_system_does_and_work_again) {
  outcome(greet(network, *network.listen(loopback, {}).value(), soon())).value();  // the loop's own
  const auto before = open_files();
  for (const Call call : {Call::socket, Call::connect, Call::accept}) {
    for (const int error : errors) {
      if (call == Call::accept && error == ECONNABORTED) continue;  // waits for the next one
      SCOPED_TRACE(fmt::format("{} fails with {}", name(call), error));
      auto listener = network.listen(loopback, {}).value();
      faults.fail({.calls = {call}, .error = error});
      expect_error(outcome(greet(network, *listener, soon())), error);
      faults.heal();
      listener = network.listen(loopback, {}).value();
      EXPECT_EQ(outcome(greet(network, *listener, soon())).value_or(""), "hello");
    }
  }
  EXPECT_EQ(open_files(), before);
}

TEST_F(NetFaults, A_connection_that_went_before_it_was_accepted_is_passed_over) {
  auto listener = network.listen(loopback, {}).value();
  faults.fail({.calls = {Call::accept}, .error = ECONNABORTED, .times = 1});
  EXPECT_EQ(outcome(greet(network, *listener, soon())).value_or(""), "hello");
}

TEST_F(NetFaults, An_interrupted_call_is_made_again) {
  auto listener = network.listen(loopback, {}).value();
  faults.fail({.calls = {Call::accept, Call::send}, .error = EINTR, .times = 2});
  EXPECT_EQ(outcome(greet(network, *listener, soon())).value_or(""), "hello");
}

TEST_F(NetFaults, Reading_and_writing_end_in_a_failure_of_that_stream_alone) {
  for (const Call call : {Call::send, Call::receive}) {
    for (const int error : errors) {
      SCOPED_TRACE(fmt::format("{} fails with {}", name(call), error));
      auto listener = network.listen(loopback, {}).value();
      faults.fail({.calls = {call}, .error = error});
      EXPECT_FALSE(outcome(greet(network, *listener, soon())));
      faults.heal();
      EXPECT_EQ(outcome(greet(network, *listener, soon())).value_or(""), "hello");
    }
  }
}

TEST_F(NetFaults, Names_that_cannot_be_looked_up_are_unreachable_with_the_reason) {
  for (const int error : errors) {
    faults.fail({.calls = {Call::resolve}, .error = error});
    const auto found = outcome(network.resolve("localhost", Family::any, soon()));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::unreachable);
    EXPECT_TRUE(found.error().detail.contains(std::generic_category().message(error)));
    faults.heal();
  }
  EXPECT_TRUE(outcome(network.resolve("localhost", Family::v4, soon())));
}

TEST_F(NetFaults, Datagram_sockets_answer_each_error_and_leave_nothing_open) {
  network.open_datagram(loopback).value();
  const auto before = open_files();
  for (const Call call : {Call::socket, Call::option, Call::bind}) {
    for (const int error : errors) {
      SCOPED_TRACE(fmt::format("{} fails with {}", name(call), error));
      faults.fail({.calls = {call}, .error = error});
      EXPECT_FALSE(network.open_datagram(loopback));
      faults.heal();
    }
  }
  EXPECT_EQ(open_files(), before);
}

Task<std::size_t> receive_one(DatagramSocket& socket) {
  Bytes buffer(100);
  const auto arrival = co_await socket.receive(buffer);
  co_return arrival.size;
}

TEST_F(NetFaults, A_datagram_that_cannot_be_sent_or_received_is_said_and_the_next_one_arrives) {
  for (const int error : errors) {
    SCOPED_TRACE(error);
    auto socket = network.open_datagram(loopback).value();
    faults.fail({.calls = {Call::send}, .error = error});
    EXPECT_FALSE(socket->send(socket->local(), {}, as_bytes("lost")));
    EXPECT_FALSE(faults.failed() == 0);
    faults.heal();
    ASSERT_TRUE(socket->send(socket->local(), {}, as_bytes("there")));
    faults.fail({.calls = {Call::receive}, .error = error, .times = 1});
    EXPECT_FALSE(outcome(receive_one(*socket)));
    EXPECT_EQ(outcome(receive_one(*socket)).value_or(0), 5u);
    faults.heal();
    faults.fail({.calls = {Call::option}, .error = error});
    EXPECT_FALSE(socket->join(asio::ip::make_address("224.0.0.251"), 1));
    faults.heal();
  }
}

TEST_F(NetFaults, A_moment_without_descriptors_is_no_machine_without_interfaces) {
  const auto before = network.interfaces().size();
  ASSERT_GT(before, 0u);
  for (const Call call : {Call::interfaces, Call::socket}) {
    for (const int error : {EMFILE, ENFILE, ENOMEM}) {
      faults.fail({.calls = {call}, .error = error});
      EXPECT_EQ(network.interfaces().size(), before);
      faults.heal();
    }
  }
  EXPECT_EQ(network.interfaces().size(), before);
}

Task<> wait_for_change(InterfaceWatch& watch, Deadline by) { co_await watch.changed(by); }

TEST_F(NetFaults, Without_word_of_the_kernel_a_watch_waits_for_its_deadline) {
  for (const Call call : {Call::socket, Call::bind}) {
    faults.fail({.calls = {call}, .error = EMFILE});
    const auto watch = network.watch_interfaces();
    faults.heal();
    const auto by = Deadline::after(runtime.now(), 20ms);
    EXPECT_TRUE(outcome(wait_for_change(*watch, by)));
    EXPECT_GE(runtime.now(), by.at);
  }
}

}  // namespace
}  // namespace goop::net
