#include "p2p/select/select.h"

#include <gtest/gtest.h>

#include "base/task_scope.h"
#include "testing/p2p/duplex_pipe.h"
#include "testing/sim/sim_runtime.h"

namespace goop::p2p {
namespace {

const ProtocolId alpha("/alpha/1.0.0");
const ProtocolId beta("/beta/1.0.0");

Task<> note_select(Duplex& over, std::vector<ProtocolId> proposals, Deadline by, std::string* out) {
  try {
    const ProtocolId agreed = co_await select(over, proposals, by);
    *out = agreed.text();
  } catch (const Failure& failure) {
    *out = name(failure.code());
  }
}
Task<> note_answer(Duplex& over, Responder::Supported supported, Deadline by, std::string* out) {
  try {
    const ProtocolId agreed = co_await answer(over, std::move(supported), by);
    *out = agreed.text();
  } catch (const Failure& failure) {
    *out = name(failure.code());
  }
}
Task<> note_lazy(Duplex& over, ProtocolId protocol, Deadline by, std::string* out) {
  try {
    co_await check_lazy(over, protocol, by);
    *out = "ok";
  } catch (const Failure& failure) {
    *out = name(failure.code());
  }
}

struct SelectTest : testing::Test {
  Deadline soon() { return Deadline::after(runtime.now(), 10s); }
  static Responder::Supported only(const ProtocolId& protocol) {
    return [protocol](const ProtocolId& asked) { return asked == protocol; };
  }
  void negotiate(std::vector<ProtocolId> proposals) {
    TaskScope scope(runtime, "test");
    scope.spawn(note_select(pipe.a, std::move(proposals), soon(), &selected));
    scope.spawn(note_answer(pipe.b, only(beta), soon(), &answered));
    runtime.run(1s);
    if (selected == "unsupported") pipe.a.end();
    runtime.wait(scope.join());
  }

  sim::SimRuntime runtime;
  sim::DuplexPipe pipe{runtime};
  std::string selected, answered;
};

TEST_F(SelectTest, TheFirstSharedProtocolIsAgreed) {
  negotiate({alpha, beta});
  EXPECT_EQ(selected, "/beta/1.0.0");
  EXPECT_EQ(answered, "/beta/1.0.0");
  EXPECT_EQ(pipe.a.writes(), 2u);
}

TEST_F(SelectTest, OneRoundTripIsOneWriteEachWay) {
  negotiate({beta});
  EXPECT_EQ(answered, "/beta/1.0.0");
  EXPECT_EQ(pipe.a.writes(), 1u);
  EXPECT_EQ(pipe.b.writes(), 1u);
}

TEST_F(SelectTest, NothingSharedIsUnsupportedOnBothSides) {
  negotiate({alpha});
  EXPECT_EQ(selected, "unsupported");
  EXPECT_EQ(answered, "unsupported");
}

TEST_F(SelectTest, Trap01_PipelinedDataSurvivesEverySplit) {  // interop trap 1
  for (std::size_t shown = 1; shown < 48; ++shown) {
    sim::DuplexPipe split(runtime);
    split.b.show_at_most(shown);
    split.b.put(lazy_preamble(beta));
    split.b.put(as_bytes("data"));
    runtime.wait(note_answer(split.b, only(beta), soon(), &answered));
    EXPECT_EQ(answered, "/beta/1.0.0");
    EXPECT_EQ(to_text(split.b.take()), "data");

    split.a.put(as_bytes("reply"));
    split.a.show_at_most(shown);
    runtime.wait(note_lazy(split.a, beta, soon(), &selected));
    EXPECT_EQ(selected, "ok");
    EXPECT_EQ(to_text(split.a.take()), "reply");
  }
}

TEST_F(SelectTest, Trap02_ALostAnswerDoesNotLoseWhatWasSent) {  // interop trap 2
  pipe.b.put(lazy_preamble(beta));
  pipe.b.put(as_bytes("push"));
  pipe.b.put_end();
  pipe.b.break_writes();
  runtime.wait(note_answer(pipe.b, only(beta), soon(), &answered));
  EXPECT_EQ(answered, "/beta/1.0.0");
  EXPECT_EQ(to_text(pipe.b.take()), "push");
}

TEST_F(SelectTest, Trap03_InitiatorDoesNotWaitForTheOtherHeader) {  // interop trap 3
  TaskScope scope(runtime, "test");
  scope.spawn(note_select(pipe.a, {alpha}, soon(), &selected));
  runtime.run_for(1ms);
  EXPECT_EQ(pipe.b.take(), lazy_preamble(alpha));
  runtime.run(20s);
  EXPECT_EQ(selected, "timeout");
}

TEST_F(SelectTest, Trap37_LazyRefusalMapsToUnsupported) {  // interop trap 37
  Bytes refusal;
  append_token(refusal, protocol::multistream.text());
  append_token(refusal, "na");
  pipe.a.put(refusal);
  runtime.wait(note_lazy(pipe.a, alpha, soon(), &selected));
  EXPECT_EQ(selected, "unsupported");
}

TEST_F(SelectTest, SilenceEndsAtTheDeadlineAndAnEndIsClosed) {
  runtime.wait(note_answer(pipe.b, only(beta), soon(), &answered));
  EXPECT_EQ(answered, "timeout");
  pipe.b.put_end();
  runtime.wait(note_answer(pipe.b, only(beta), soon(), &answered));
  EXPECT_EQ(answered, "closed");
  pipe.a.put_end();
  runtime.wait(note_select(pipe.a, {alpha}, soon(), &selected));
  EXPECT_EQ(selected, "closed");
}

TEST_F(SelectTest, EndlessProposalsAreAViolation) {
  Bytes proposals;
  append_token(proposals, protocol::multistream.text());
  for (int i = 0; i < 100; ++i) append_token(proposals, alpha.text());
  pipe.b.put(proposals);
  runtime.wait(note_answer(pipe.b, only(beta), soon(), &answered));
  EXPECT_EQ(answered, "violation");
}

}  // namespace
}  // namespace goop::p2p
