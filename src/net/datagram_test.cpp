// One suite for the datagrams of both networks, and the interfaces they leave by.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/os_runtime.h"
#include "base/task_scope.h"
#include "net/os_network.h"
#include "testing/sim/sim_lan.h"
#include "testing/sim/sim_runtime.h"

namespace goop::net {
namespace {

const IpAddress group = asio::ip::make_address("224.0.0.251");

struct OsWorld {
  OsRuntime rt{1};
  OsNetwork network{rt};
  Network& here() { return network; }
  Network& there() { return network; }
  IpAddress address = asio::ip::address_v4::loopback();
  unsigned interface = loopback_index();

  unsigned loopback_index() {
    for (const auto& each : network.interfaces()) {
      if (each.loopback) return each.index;
    }
    return 0;
  }

  void run(Task<> task) {
    std::optional<Error> failed;
    TaskScope scope(rt, "test");
    auto by = Deadline::after(rt.now(), 10s);
    scope.spawn(with_deadline(rt, by, "the test", std::move(task)),
                [&failed](std::optional<Error> error) { failed = error; });
    rt.loop().restart();  // a test may run several tasks, one after another
    rt.run();
    if (failed) throw Failure(*failed);
  }
};

struct SimWorld {
  sim::SimRuntime rt;
  sim::SimInternet internet{rt};
  sim::SimLan lan{internet};
  sim::SimHost& a = internet.add_host(std::vector<std::string>{});
  sim::SimHost& b = internet.add_host(std::vector<std::string>{});
  SimWorld() {
    lan.attach(a, {"192.168.1.1/24"});
    lan.attach(b, {"192.168.1.2/24"});
    address = a.address();
    interface = a.interfaces()[0].index;
  }
  Network& here() { return a; }
  Network& there() { return b; }
  IpAddress address;
  unsigned interface = 0;

  void run(Task<> task) { rt.wait(std::move(task)); }
};

template <class World>
class DatagramTest : public testing::Test {
 protected:
  std::unique_ptr<DatagramSocket> open(Network& network, std::uint16_t port = 0) {
    return network.open_datagram({asio::ip::address_v4::any(), port}).value();
  }
  DatagramSocket::Route route() { return {world.interface, {}}; }

  World world;
};
using Worlds = testing::Types<OsWorld, SimWorld>;
TYPED_TEST_SUITE(DatagramTest, Worlds);

struct Heard {
  DatagramSocket::Arrival arrival;
  std::string text;
};

Task<> hear(DatagramSocket& socket, std::size_t room, Heard& heard) {
  Bytes buffer(room);
  heard.arrival = co_await socket.receive(buffer);
  heard.text = to_text(BytesView(buffer).first(heard.arrival.size));
}

constexpr std::uint16_t some_port = 45353;

TYPED_TEST(DatagramTest, one_arrives_with_its_sender_and_interface) {
  auto& world = this->world;
  auto receiver = this->open(world.here(), some_port);
  auto sender = this->open(world.there(), some_port + 1);
  ASSERT_TRUE(sender->send({world.address, some_port}, this->route(), as_bytes("hello")));
  Heard heard;
  world.run(hear(*receiver, 100, heard));
  EXPECT_EQ(heard.text, "hello");
  EXPECT_FALSE(heard.arrival.cut);
  EXPECT_EQ(heard.arrival.from.port, some_port + 1);
  EXPECT_EQ(heard.arrival.interface, world.interface);
}

TYPED_TEST(DatagramTest, one_that_is_too_large_is_cut) {
  auto& world = this->world;
  auto receiver = this->open(world.here(), some_port);
  auto sender = this->open(world.there());
  ASSERT_TRUE(sender->send({world.address, some_port}, this->route(), as_bytes("hello")));
  Heard heard;
  world.run(hear(*receiver, 3, heard));
  EXPECT_EQ(heard.text, "hel");
  EXPECT_TRUE(heard.arrival.cut);
}

TYPED_TEST(DatagramTest, a_multicast_reaches_every_member_of_the_own_machine_too) {
  auto& world = this->world;
  auto speaker = this->open(world.here(), some_port);
  auto neighbour = this->open(world.here(), some_port);  // the port is shared
  for (auto* each : {speaker.get(), neighbour.get()}) {
    ASSERT_TRUE(each->join(group, world.interface));
    ASSERT_TRUE(each->join(group, world.interface));  // twice is no error
  }
  DatagramSocket::Route route{world.interface, world.address};
  ASSERT_TRUE(speaker->send({group, some_port}, route, as_bytes("all")));
  for (auto* each : {speaker.get(), neighbour.get()}) {
    Heard heard;
    world.run(hear(*each, 100, heard));
    EXPECT_EQ(heard.text, "all");
    EXPECT_EQ(heard.arrival.from, (Endpoint{world.address, some_port}));
  }
}

TYPED_TEST(DatagramTest, who_left_a_group_hears_it_no_more) {
  auto& world = this->world;
  auto receiver = this->open(world.here(), some_port);
  auto member = this->open(world.here(), some_port);
  ASSERT_TRUE(receiver->join(group, world.interface));
  ASSERT_TRUE(member->join(group, world.interface));
  receiver->leave(group, world.interface);
  DatagramSocket::Route route{world.interface, world.address};
  ASSERT_TRUE(member->send({group, some_port}, route, as_bytes("all")));
  Heard heard;
  world.run(hear(*member, 100, heard));
  auto waiting = with_deadline(world.rt, Deadline::after(world.rt.now(), 20ms), "a datagram",
                               hear(*receiver, 100, heard));
  EXPECT_THROW(world.run(std::move(waiting)), Failure);
}

TYPED_TEST(DatagramTest, an_interface_that_is_not_there_cannot_send) {
  auto sender = this->open(this->world.here());
  const auto sent = sender->send({this->world.address, some_port}, {9'999, {}}, as_bytes("hello"));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, Errc::unreachable);
}

Task<> close_soon(Runtime& runtime, DatagramSocket& socket) {
  co_await runtime.yield();
  socket.close();
}

Task<> hear_until_closed(Runtime& runtime, DatagramSocket& socket, std::optional<Error>& error) {
  TaskScope scope(runtime, "closer");
  scope.spawn(close_soon(runtime, socket));
  Heard heard;
  auto hearing = hear(socket, 100, heard);
  const auto outcome = co_await attempt(std::move(hearing));
  if (!outcome) error = outcome.error();
  co_await scope.join();
}

TYPED_TEST(DatagramTest, closing_ends_a_receive) {
  auto socket = this->open(this->world.here());
  std::optional<Error> error;
  this->world.run(hear_until_closed(this->world.rt, *socket, error));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::closed);
}

TEST(OsInterfaces, have_their_number_and_subnet) {
  OsWorld world;
  const auto all = world.network.interfaces();
  const auto loopback = std::ranges::find_if(
      all, [](const auto& each) { return each.loopback && each.address.is_v4(); });
  ASSERT_NE(loopback, all.end());
  EXPECT_EQ(loopback->prefix_bits, 8u);
  EXPECT_GT(loopback->index, 0u);
  EXPECT_TRUE(loopback->running);
}

Task<> wait_for_change(Runtime& runtime, Network& network, Duration span) {
  const auto watch = network.watch_interfaces();
  co_await watch->changed(Deadline::after(runtime.now(), span));
}

TEST(OsInterfaces, a_watch_waits_until_its_deadline_at_most) {
  OsWorld world;
  world.run(wait_for_change(world.rt, world.network, 10ms));
}

TEST(SimInterfaces, a_watch_hears_of_every_change) {
  SimWorld world;
  const auto watch = world.a.watch_interfaces();
  const auto start = world.rt.now();
  world.lan.detach(world.a);  // before the wait
  world.rt.wait(watch->changed(Deadline::never()));
  EXPECT_EQ(world.rt.now(), start);
  world.rt.wait(watch->changed(Deadline::after(start, 1s)));
  EXPECT_EQ(world.rt.now(), start + 1s);
}

TEST(SimLan, loses_what_it_is_told_to_lose) {
  SimWorld world;
  world.lan.set_loss(0.5);
  auto receiver = world.b.open_datagram({asio::ip::address_v4::any(), some_port}).value();
  auto sender = world.a.open_datagram({asio::ip::address_v4::any(), 0}).value();
  for (int i = 0; i < 200; ++i)
    ASSERT_TRUE(sender->send({world.b.address(), some_port}, {world.interface, {}}, as_bytes("x")));
  world.rt.run_for(1s);
  int arrived = 0;
  Heard heard;
  try {
    for (;;) {
      auto waiting = with_deadline(world.rt, Deadline::after(world.rt.now(), 1ms), "a datagram",
                                   hear(*receiver, 10, heard));
      world.rt.wait(std::move(waiting));
      ++arrived;
    }
  } catch (const Failure&) {
  }
  EXPECT_GT(arrived, 60);
  EXPECT_LT(arrived, 140);
}

}  // namespace
}  // namespace goop::net
