"""A folder of a rendezvous server, and a peer that uses a server: what is said of mistakes."""
import json
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from goop import PATIENCE, PROGRAM, Case, Peer, clean_environment, goop2

sys.path.append(str(Path(__file__).parents[1]))
from ports import free_port


class ServerFolder(Case):
    def configure(self, viewer=None, **presence):
        folder = self.root / "town"
        folder.mkdir()
        settings = {"rendezvous_host": True, "rendezvous_only": True, "rendezvous_port": free_port()}
        config = {"presence": settings | presence} | ({"viewer": viewer} if viewer else {})
        (folder / "goop.json").write_text(json.dumps(config))
        (folder / "goop.json").chmod(0o600)  # as the program does: else it mends that, and says so
        return folder

    def test_who_asks_it_like_a_peer_is_told_what_it_is(self):
        folder = self.configure()
        self.refused(1, "rendezvous server, not of a peer.*/readyz", "status", folder)
        self.refused(1, "rendezvous server, not of a peer.*/readyz", "peers", folder)
        self.assertEqual(json.loads(goop2("status", folder, "--json").stdout), {"running": False})

    def test_a_database_that_cannot_be_is_named_and_is_no_port_that_is_taken(self):
        folder = self.configure(peer_db_path="data")
        done = self.refused(1, "presence.peer_db_path.*cannot be used", "rendezvous", folder)
        self.assertNotIn("port", done.stderr)

    def test_an_external_address_has_no_query(self):
        folder = self.configure(external_url="https://town.example/?x=1")
        self.refused(1, "presence.external_url.*more than an address", "rendezvous", folder)

    def test_a_viewer_that_was_asked_for_is_said_not_to_be_there(self):
        folder = self.configure(viewer={"http_addr": "127.0.0.1:7777"})
        command = [PROGRAM, "rendezvous", str(folder)]
        with subprocess.Popen(command, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, env=clean_environment()) as town:
            self.assertIn("viewer.not_started", town.stderr.readline())
            town.terminate()
            town.wait(PATIENCE)


class WithServer(Case):
    def test_an_address_without_its_scheme_is_shown_with_it(self):
        self.refused(2, "http://192.0.2.7:8787", "peer", self.root / "ada", "--server", "192.0.2.7:8787")
        self.assertFalse((self.root / "ada").exists())

    def test_a_server_that_is_away_is_in_the_log_once(self):
        away = f"http://127.0.0.1:{free_port()}"
        with Peer(self.root / "ada", "--server", away) as ada:
            time.sleep(3)  # it has tried more than once by then
            code, _, err = ada.stop()
        self.assertEqual(code, 0)
        self.assertEqual(err.count("server.away"), 1, err)
        self.assertIn(away, err)

    def test_a_peer_that_hosts_one_says_where_and_how_many_it_takes(self):
        port = free_port()
        self.fine("init", self.root / "ada")
        self.fine("config", "set", self.root / "ada", "presence.rendezvous_host", "true")
        self.fine("config", "set", self.root / "ada", "presence.rendezvous_port", port)
        with Peer(self.root / "ada") as ada:
            self.assertEqual(ada.value("Rendezvous"), f"http://127.0.0.1:{port}")
            self.assertRegex(ada.value("Connections"), r"\d+ at most")

    def test_one_signal_that_comes_twice_is_one(self):
        # As timeout(1) does it: to the process, and to its group.
        with Peer(self.root / "ada") as ada:
            ada.process.send_signal(signal.SIGTERM)
            time.sleep(0.002)
            self.assertEqual(ada.stop()[0], 0)


if __name__ == "__main__":
    unittest.main()
