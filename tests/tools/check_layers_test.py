#!/usr/bin/env python3
"""tools/check_layers finds each kind of planted violation, and nothing in clean code."""
import runpy
import subprocess
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools/check_layers"
check_file = runpy.run_path(str(TOOL))["check_file"]


class CheckLayers(unittest.TestCase):
    def complaints(self, file, text):
        return "".join(f"{file}:{line}: {what}\n"
                       for line, what in check_file(file, text))

    def assert_found(self, file, text, expected):
        self.assertIn(expected, self.complaints(file, text))

    def assert_clean(self, file, text):
        self.assertEqual("", self.complaints(file, text))

    def test_the_script_walks_the_tree_and_fails_on_a_violation(self):
        with tempfile.TemporaryDirectory() as root:
            path = Path(root, "src/p2p/mux/a.h")
            path.parent.mkdir(parents=True)
            for text, code in (('#include "base/bytes.h"\n', 0), ('#include "peer/peer.h"\n', 1)):
                path.write_text(text)
                done = subprocess.run([TOOL, root], capture_output=True, text=True, check=False)
                self.assertEqual(code, done.returncode)
                self.assertEqual(code, done.stdout.count("src/p2p/mux/a.h:1:"))

    def test_a_layer_must_not_look_up(self):
        self.assert_found("src/p2p/host.h", '#include "peer/peer.h"\n',
                          'src/p2p/host.h:1: p2p must not see "peer/peer.h"')
        self.assert_found("src/peer/a.cpp", '\n#include "viewer/guard.h"\n', "src/peer/a.cpp:2:")

    def test_neighbours_do_not_know_each_other(self):
        self.assert_found("src/crypto/a.h", '#include "net/network.h"\n', "must not see")
        self.assert_found("src/viewer/a.h", '#include "services/x.h"\n', "must not see")

    def test_a_narrowed_right_ends_where_it_says(self):
        self.assert_clean("src/wire/a.h", '#include "p2p/multi/peer_id.h"\n')
        self.assert_found("src/wire/a.h", '#include "p2p/host.h"\n', "must not see")

    def test_an_unknown_folder_is_named(self):
        self.assert_found("src/misc/a.h", '#include "base/bytes.h"\n', "not in the layer table")

    def test_the_product_does_not_include_test_code(self):
        self.assert_found("src/net/a.cpp", '#include "testing/sim/world.h"\n', "for tests only")
        self.assert_clean("src/net/a_test.cpp", '#include "testing/sim/world.h"\n')
        self.assert_clean("src/net/a_test_kit.h", '#include "testing/sim/world.h"\n')

    def test_third_party_headers_stay_in_their_place(self):
        for header in ("sqlite3.h", "sodium.h", "openssl/evp.h", "boost/beast/http.hpp", "CLI/CLI.hpp",
                       "boost/json.hpp", "spdlog/spdlog.h", "zlib.h", "boost/asio/ip/tcp.hpp",
                       "google/protobuf/message_lite.h", "gtest/gtest.h"):
            with self.subTest(header):
                self.assert_found("src/peer/a.cpp", f"#include <{header}>\n", "belongs to")
        self.assert_found("src/peer/a.cpp", '#include "identify.pb.h"\n', "belongs to")
        self.assert_clean("src/store/a.cpp", "#include <sqlite3.h>\n")
        self.assert_clean("src/net/tls.cpp", "#include <openssl/ssl.h>\n")
        self.assert_clean("src/peer/a_test.cpp", "#include <gtest/gtest.h>\n")

    def test_time_threads_chance_and_loose_tasks_belong_to_base(self):
        for code in ("auto t = std::chrono::steady_clock::now();", "std::time(nullptr);", "time(0);",
                     "std::thread worker;", "std::random_device seed;", "::getrandom(p, 1, 0);",
                     "std::mutex m;", "std::shared_mutex m;", "std::this_thread::sleep_for(1s);",
                     "usleep(1);", "asio::steady_timer t;", "asio::co_spawn(e, f(), h);",
                     "post(asio::detached);", "std::mt19937 chance;", "int x = rand();"):
            with self.subTest(code):
                self.assert_found("src/p2p/a.cpp", code + "\n", "outside base/")
                self.assert_clean("src/base/a.cpp", code + "\n")

    def test_the_runtime_and_comments_are_no_violation(self):
        self.assert_clean("src/p2p/a.cpp", "co_await runtime_.sleep_for(1s);  // not usleep(1)\n")
        self.assert_clean("src/p2p/a.cpp", 'log("std::mutex"); /* std::thread\n */ char q = \'"\';\n')
        self.assert_clean("src/p2p/a.cpp", "auto t = entry.time(0); auto r = operand(1);\n")


unittest.main()
