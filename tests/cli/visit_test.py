"""Two real peers, and the commands that reach from one to the other: visit, ping, perf."""
import json
import os
import pty
import re
import stat
import subprocess
import unittest

from goop import PATIENCE, PROGRAM, Case, Peer, clean_environment, goop2


def first_on_terminal(*words):
    """What a command first says to a person; then it is ended."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([PROGRAM, *map(str, words)], stdin=subprocess.DEVNULL, stderr=theirs,
                          stdout=subprocess.DEVNULL, env=clean_environment()) as process:
        os.close(theirs)
        said = os.read(ours, 200).decode()
        process.kill()
    os.close(ours)
    return said


class Visit(Case):
    def test_as_nobody_in_particular_over_both_versions_of_the_protocol(self):
        with Peer(self.root / "ada") as ada:
            page = (ada.folder / "site/index.html").read_text()
            for words in ([], ["index.html"], ["/index.html"], ["index.html", "--protocol", "1"],
                          ["--protocol", "1"]):
                with self.subTest(words):
                    self.assertEqual(self.fine("visit", ada.address, *words), page)

    def test_through_the_own_running_peer(self):
        with Peer(self.root / "ada") as ada, Peer(self.root / "ben") as ben:
            page = (ada.folder / "site/index.html").read_text()
            self.assertEqual(self.fine("visit", ada.address, "--from", ben.folder), page)
            self.assertEqual(self.fine("visit", ada.id, "index.html", "--from", ben.folder), page)
            status = json.loads(self.fine("status", ben.folder, "--json"))
            self.assertEqual([one["peerID"] for one in status["connections"]], [ada.id])
            self.assertIn(ada.id, self.fine("status", ben.folder))

    def test_as_the_own_peer_while_it_does_not_run(self):
        with Peer(self.root / "ada") as ada:
            page = (ada.folder / "site/index.html").read_text()
            self.fine("init", self.root / "ben")
            self.assertEqual(self.fine("visit", ada.address, "--from", self.root / "ben"), page)
            # Now its address is remembered.
            self.assertEqual(self.fine("visit", ada.id, "--from", self.root / "ben"), page)

    def test_a_link_is_an_address_too(self):
        with Peer(self.root / "ada") as ada:
            link = f"goop://{ada.id}?addr={ada.address}"
            self.assertIn("<html", self.fine("visit", link, "about.html"))

    def test_into_a_file_that_is_whole_or_not_there(self):
        with Peer(self.root / "ada") as ada:
            big = os.urandom(8 << 20)
            (ada.folder / "site/big.bin").write_bytes(big)
            for words in ([], ["--protocol", "1"]):
                out = self.root / "out.bin"
                self.assertEqual(self.fine("visit", ada.address, "big.bin", "-o", out, *words), "")
                self.assertEqual(out.read_bytes(), big)
                out.unlink()
            self.refused(1, "this site has no none.bin", "visit", ada.address, "none.bin", "-o",
                         self.root / "none.bin")
            self.refused(1, "it is a folder; name a file in it", "visit", ada.address, "-o", self.root)
            self.assertEqual([f.name for f in self.root.iterdir()], ["ada"])

    def test_a_pipe_that_is_there_is_written_to_and_stays(self):
        with Peer(self.root / "ada") as ada:
            pipe = self.root / "pipe"
            os.mkfifo(pipe)
            with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
                self.fine("visit", ada.address, "style.css", "-o", pipe)
                self.assertEqual(reader.stdout.read(), (ada.folder / "site/style.css").read_bytes())
            self.assertTrue(stat.S_ISFIFO(pipe.stat().st_mode))
            self.assertEqual(sorted(f.name for f in self.root.iterdir()), ["ada", "pipe"])

    def test_a_link_in_the_place_of_the_unfinished_file_is_not_followed(self):
        with Peer(self.root / "ada") as ada:
            (self.root / "victim").write_text("precious")
            (self.root / "out.part").symlink_to(self.root / "victim")
            self.refused(1, "cannot write .*out.part", "visit", ada.address, "-o", self.root / "out")
            self.assertEqual((self.root / "victim").read_text(), "precious")

    def test_a_file_over_the_cap_is_refused_and_the_cap_can_be_moved(self):
        with Peer(self.root / "ada") as ada:
            (ada.folder / "site/big.bin").write_bytes(bytes(3 << 20))
            for words in ([], ["--protocol", "1"]):
                self.refused(1, "big.bin is too large: .*--max SIZE takes larger", "visit", ada.address, "big.bin",
                             "--max", "3145727", *words)
                self.fine("visit", ada.address, "big.bin", "--max", "3M", "-o", self.root / "out", *words)
            self.refused(2, "is no size", "visit", ada.address, "--max", "large")
            self.fine("init", self.root / "ben")
            self.fine("config", "set", self.root / "ben", "viewer.largest_file_mb", "2")
            visit = ["visit", ada.address, "big.bin", "--from", self.root / "ben"]
            self.refused(1, "too large: .*viewer.largest_file_mb MB takes larger", *visit)
            with Peer(self.root / "ben"):
                self.refused(1, "too large", *visit)

    def test_says_the_path_taken_and_the_timing_when_asked(self):
        with Peer(self.root / "ada") as ada, Peer(self.root / "ben") as ben:
            for words in ([], ["--from", ben.folder]):
                done = goop2("visit", ada.address, "style.css", "-v", *words)
                self.assertEqual(done.stdout, (ada.folder / "site/style.css").read_text())
                self.assertIn(f"peer {ada.id}\npath /ip4/127.0.0.1/tcp/", done.stderr)
                self.assertRegex(done.stderr, r"connected after .* ms, answered after .* ms\n.* in .*/s")

    def test_the_way_to_the_own_site_is_none(self):
        with Peer(self.root / "ada") as ada:
            done = goop2("visit", ada.address, "-v", "--from", ada.folder)
            self.assertIn(f"peer {ada.id}\npath own site\n", done.stderr)

    def test_a_folder_named_without_its_slash_is_found(self):
        with Peer(self.root / "ada") as ada, Peer(self.root / "ben") as ben:
            (ada.folder / "site/sub dir").mkdir()
            (ada.folder / "site/sub dir/index.html").write_text("inside")
            self.assertEqual(self.fine("visit", ada.address, "sub dir"), "inside")
            self.assertEqual(self.fine("visit", ada.address, "sub dir", "--from", ben.folder), "inside")

    def test_what_is_not_there_or_not_given_away(self):
        with Peer(self.root / "ada") as ada, Peer(self.root / "ben") as ben:
            for words in ([], ["--from", ben.folder], ["--protocol", "1"]):
                with self.subTest(words):
                    self.refused(1, "this site has no nope.html", "visit", ada.address, "nope.html", *words)
            self.refused(2, "", "visit", ada.address, "../goop.json")

    def test_an_owner_that_does_not_run(self):
        with Peer(self.root / "ada") as ada:
            address = ada.address
            ada.stop()
        done = self.refused(1, "refused.*Is that peer running", "visit", address)
        self.assertEqual(done.stdout, "")

    def test_somebody_else_at_the_address(self):
        with Peer(self.root / "ada") as ada:
            self.fine("init", self.root / "ben")
            other = self.fine("id", self.root / "ben").strip()
            self.refused(1, "Somebody else answers", "visit", ada.address.replace(ada.id, other))

    def test_a_bare_id_needs_somebody_who_knows_it(self):
        with Peer(self.root / "ada") as ada, Peer(self.root / "ben") as ben:
            self.refused(1, "no address of .* is known.*--from DIR", "visit", ada.id)
            self.refused(1, "no address of .* is known", "visit", ada.id, "--from", ben.folder)
        self.refused(1, "there is no peer in", "visit", ada.address, "--from", self.root / "nobody")

    def test_a_long_transfer_shows_its_progress_on_a_terminal_alone(self):
        with Peer(self.root / "ada") as ada:
            with open(ada.folder / "site/big.bin", "wb") as big:
                big.truncate(2 << 30)
            self.assertRegex(first_on_terminal("visit", ada.address, "big.bin"),
                             r"MiB of 2\.0 GiB, .* MB/s")


class Connect(Case):
    def test_a_peer_that_is_named_at_the_start_is_dialled_kept_and_remembered(self):
        with Peer(self.root / "ada") as ada:
            with Peer(self.root / "ben", "--connect", ada.address) as ben:
                self.assertIn("least", self.fine("ping", ada.id, "-n", "1", "--from", ben.folder))
                ben.stop()
            with Peer(self.root / "ben") as ben:
                self.assertIn("least", self.fine("ping", ada.id, "-n", "1", "--from", ben.folder))


class Ping(Case):
    def test_as_nobody_and_through_a_running_peer(self):
        with Peer(self.root / "ada") as ada, Peer(self.root / "ben") as ben:
            for words in ([], ["--from", ben.folder]):
                said = self.fine("ping", ada.address, "-n", "2", *words)
                self.assertRegex(said, r"\n1: .* ms\n2: .* ms\n2 rounds, least .*, average .*, most .* ms\n$")

    def test_nobody_there(self):
        with Peer(self.root / "ada") as ada, Peer(self.root / "ben") as ben:
            ada.stop()
            self.refused(1, "Is that peer running", "ping", ada.address)
            self.refused(1, "Is that peer running", "ping", ada.address, "--from", ben.folder)

    def test_the_peer_itself(self):
        with Peer(self.root / "ada") as ada:
            self.refused(1, "the peer itself", "ping", ada.address, "--from", ada.folder)


class Perf(Case):
    def setUp(self):
        super().setUp()
        self.server = subprocess.Popen([PROGRAM, "perf", "--serve"], stdin=subprocess.DEVNULL, text=True,
                                       stdout=subprocess.PIPE, env=clean_environment())
        self.addCleanup(self.end)
        self.address = re.match(r"ADDR (/ip4/127\.0\.0\.1/tcp/\d+/p2p/\w+)\n",
                                self.server.stdout.readline())[1]

    def end(self):
        self.server.terminate()
        self.server.communicate(timeout=PATIENCE)
        self.assertEqual(self.server.returncode, 0)

    def test_both_directions_over_several_streams(self):
        answer = json.loads(self.fine("perf", self.address, "--download", "16M", "--upload", "1000001",
                                      "--streams", "3", "--json"))
        self.assertEqual(set(answer), {"peerID", "streams", "connectMicros", "download", "upload"})
        self.assertEqual(answer["streams"], 3)
        self.assertTrue(self.address.endswith(answer["peerID"]))
        for way, size in (("download", 16 << 20), ("upload", 1000001)):
            self.assertEqual(set(answer[way]), {"bytes", "seconds", "bytesPerSecond"})
            self.assertEqual(answer[way]["bytes"], size)
            self.assertGreater(answer[way]["bytesPerSecond"], 0)

    def test_in_words(self):
        self.assertRegex(self.fine("perf", self.address, "--download", "1M"),
                         r"^download: 1\.0 MiB in .*, .* MB/s\n$")

    def test_answers_ping_but_has_no_site(self):
        self.assertIn("1 rounds", self.fine("ping", self.address, "-n", "1"))
        self.refused(1, "offers no such thing", "visit", self.address)

    def test_an_ordinary_peer_does_not_answer_perf(self):
        with Peer(self.root / "ada") as ada:
            self.refused(1, "/perf/1.0.0.*offers no such thing", "perf", ada.address, "--download", "1")

    def test_as_a_peer_of_ones_own(self):
        self.fine("init", self.root / "ada")
        words = ("perf", self.address, "--download", "1M", "--streams", "2", "--json", "--from",
                 self.root / "ada")
        alone = json.loads(self.fine(*words))
        with Peer(self.root / "ada"):
            through = json.loads(self.fine(*words))
        self.assertEqual(set(alone), set(through))
        self.assertGreater(through["download"]["bytesPerSecond"], 0)

    def test_a_long_one_shows_its_progress_on_a_terminal_also_through_a_running_peer(self):
        with Peer(self.root / "ada") as ada:
            for way in ("--download", "--upload"):
                for words in ([], ["--from", ada.folder]):
                    with self.subTest(way=way, words=words):
                        self.assertRegex(first_on_terminal("perf", self.address, way, "4G", *words),
                                         r"iB of 4\.0 GiB, .*B/s")


if __name__ == "__main__":
    unittest.main()
