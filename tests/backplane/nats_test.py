"""The connection to NATS: credentials, TLS, absence; and that nothing of it runs without the key."""
import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from world import GOOP2, LOAD, PATIENCE, Nats, Town, free_port, skip_without_nats, until

PEER = "12D3KooWJ6tvEYVzEgVdP8pdDDUFMTYNkPcUY1tWZYYEMk3sbkMD"


class Backplane(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="goop2-backplane-")
        self.root = Path(place.name)
        self.addCleanup(place.cleanup)

    def nats(self, *words, **options):
        return self.entered(Nats(*words, **options))

    def town(self, name, **options):
        return self.entered(Town(self.root / name, **options))

    def entered(self, process):
        self.addCleanup(process.kill)
        return process

    def whole(self, *towns):
        until("whole", lambda: all(town.ready()["backplane"] == "whole" and
                                   town.ready()["otherServers"] == len(towns) - 1
                                   for town in towns))

    def say(self, town, kind="update"):
        self.assertEqual(town.publish({"type": kind, "peerID": PEER, "content": "Bob",
                                       "ts": int(time.time() * 1000)}), 204)

    def test_without_the_key_nothing_of_it_runs(self):
        alone = self.town("alone")
        nats = self.nats()
        joined = self.town("joined", backplane=f"nats://127.0.0.1:{nats.port}")
        self.whole(joined)
        self.say(alone), self.say(joined)
        self.assertEqual(alone.ready()["backplane"], "none")
        self.assertEqual(alone.status("Threads"), 1)
        self.assertGreater(joined.status("Threads"), 2)  # libnats has its own
        self.assertNotIn("backplane.", alone.log())

    def test_nats_may_come_later_and_is_never_fatal(self):
        port = free_port()
        town = self.town("town", backplane=f"nats://127.0.0.1:{port}")
        other = self.town("other", backplane=f"nats://127.0.0.1:{port}")
        self.say(town)
        self.assertTrue(town.ready()["ready"])
        self.assertEqual(town.ready()["backplane"], "away")
        self.nats(port=port)
        self.whole(town, other)
        until("Bob is known there", lambda: other.ready()["peers"] == 1)
        self.assertEqual(town.log().count("backplane.away"), 1)
        self.assertIn("backplane.connected", town.log())

    def test_unsigned_peers_cross_and_leave_at_once(self):
        nats = self.nats()
        towns = [self.town(name, backplane=f"nats://127.0.0.1:{nats.port}") for name in "ab"]
        self.whole(*towns)
        self.say(towns[0])
        self.assertLess(until("he is there", lambda: towns[1].ready()["peers"] == 1), 3)
        self.say(towns[0], "offline")
        self.assertLess(until("he is gone", lambda: towns[1].ready()["peers"] == 0), 3)

    def test_peers_of_different_servers_are_told_to_dial_each_other(self):
        nats = self.nats()
        towns = [self.town(name, backplane=f"nats://127.0.0.1:{nats.port}") for name in "ab"]
        self.whole(*towns)
        ports = ",".join(str(town.port) for town in towns)
        crowd = subprocess.Popen([LOAD, "crowd", ports, "2", "2", "0"], stdin=subprocess.PIPE,
                                 stdout=subprocess.DEVNULL, text=True)
        self.addCleanup(crowd.wait)
        self.addCleanup(crowd.kill)
        until("both see both", lambda: all(town.ready()["peers"] == 2 for town in towns))
        crowd.stdin.write("\n")
        crowd.stdin.flush()
        until("each is told of the other",
              lambda: all("goop_rendezvous_punches_total 1\n" in town.get("/metrics")
                          for town in towns))
        crowd.stdin.close()

    def test_a_server_that_stops_says_goodbye(self):
        nats = self.nats()
        towns = [self.town(name, backplane=f"nats://127.0.0.1:{nats.port}") for name in "ab"]
        self.whole(*towns)
        towns[1].child.send_signal(signal.SIGTERM)
        self.assertEqual(towns[1].child.wait(PATIENCE), 0)
        self.assertLess(until("it is missed", lambda: towns[0].ready()["otherServers"] == 0), 5)

    def test_a_nats_that_hangs_is_given_up_and_joined_again(self):
        nats = self.nats()
        towns = [self.town(name, backplane=f"nats://127.0.0.1:{nats.port}", ttl_seconds=6)
                 for name in "ab"]
        self.whole(*towns)
        nats.child.send_signal(signal.SIGSTOP)
        until("it is missed", lambda: all(t.ready()["backplane"] == "away" for t in towns))
        nats.child.send_signal(signal.SIGCONT)
        self.whole(*towns)

    def test_credentials_count_and_are_shown_nowhere(self):
        nats = self.nats("--user", "nora", "--pass", "hu:sh@1")
        good = f"nats://nora:hu%3Ash%401@127.0.0.1:{nats.port}"
        towns = [self.town(name, backplane=good) for name in "ab"]
        self.whole(*towns)
        wrong = self.town("wrong", backplane=f"nats://nora:nohush@127.0.0.1:{nats.port}")
        until("it is told", lambda: "backplane.away" in wrong.log())
        self.assertIn("forbidden", wrong.log())
        for town in (*towns, wrong):
            told = town.log() + town.get("/readyz") + town.get("/metrics") + subprocess.run(
                [GOOP2, "config", "show", town.folder], capture_output=True, text=True).stdout
            self.assertIn("***", told)
            for secret in ("hush", "hu:sh", "hu%3A"):
                self.assertNotIn(secret, told)

    def test_a_token_counts(self):
        nats = self.nats("--auth", "open-sesame")
        self.whole(self.town("a", backplane=f"nats://open-sesame@127.0.0.1:{nats.port}"))

    def test_tls_is_checked(self):
        key, certificate = self.root / "key.pem", self.root / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", certificate,
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                       check=True, capture_output=True)
        nats = self.nats("--tls", "--tlscert", certificate, "--tlskey", key)
        trusting = os.environ | {"SSL_CERT_FILE": str(certificate)}
        url = f"tls://localhost:{nats.port}"
        self.whole(*(self.town(name, backplane=url, env=trusting) for name in "ab"))
        for name, wrong, env in (("stranger", url, None),
                                 ("misnamed", f"tls://127.0.0.1:{nats.port}", trusting)):
            town = self.town(name, backplane=wrong, env=env)
            until("it is told", lambda: "backplane.away" in town.log())
            time.sleep(1)
            self.assertNotIn("backplane.connected", town.log())


if __name__ == "__main__":
    skip_without_nats()
    unittest.main()
