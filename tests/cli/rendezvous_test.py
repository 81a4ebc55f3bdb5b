"""`goop2 rendezvous` as an operator and its clients see it."""
import json
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from goop import PATIENCE, PROGRAM, Case, clean_environment

sys.path.append(str(Path(__file__).parents[1]))
from ports import free_port

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def peer_id(number):
    """The id of a hash that nobody has the key of: base58 of 0x12 0x20 and 32 bytes."""
    value = int.from_bytes(b"\x12\x20" + number.to_bytes(32, "big"), "big")
    text = ""
    while value:
        value, digit = divmod(value, 58)
        text = ALPHABET[digit] + text
    return text


class Rendezvous:
    def __init__(self, folder, port, env=None, words=(), command="rendezvous"):
        self.command = command
        self.folder, self.port, self.env, self.words = folder, port, env or clean_environment(), words
        self.url = f"http://127.0.0.1:{port}"

    def __enter__(self):
        command = [PROGRAM, self.command, str(self.folder), *self.words]
        self.process = subprocess.Popen(command, text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=self.env)
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith("Connections:"):
                return self
        raise AssertionError("the server did not start: " + self.process.stderr.read())

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, err

    def publish(self, number, label="x", kind="update"):
        body = json.dumps({"type": kind, "peerID": peer_id(number), "content": label,
                           "ts": int(time.time() * 1000)}).encode()
        request = urllib.request.Request(self.url + "/publish", data=body)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status

    def get(self, path, password=None):
        request = urllib.request.Request(self.url + path)
        if password:
            import base64
            request.add_header("Authorization",
                               "Basic " + base64.b64encode(f"admin:{password}".encode()).decode())
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.read().decode()


class RendezvousCase(Case):
    def setUp(self):
        super().setUp()
        self.folder, self.port = self.root / "town", free_port()

    def configure(self, **presence):
        self.folder.mkdir(exist_ok=True)
        config = self.folder / "goop.json"
        config.write_text(json.dumps({"presence": {"rendezvous_port": self.port} | presence}))
        config.chmod(0o600)  # as the program writes it; else it says that it has mended it

    def server(self, **options):
        return Rendezvous(self.folder, self.port, **options)


class Operator(RendezvousCase):
    def test_a_new_folder_is_made_and_PORT_counts(self):
        with self.server(env=clean_environment(PORT=str(self.port))) as town:
            self.assertIn(f"Rendezvous: http://127.0.0.1:{self.port}", town.lines)
            self.assertTrue(town.lines[0].startswith("created "), town.lines)
            self.assertEqual(town.get("/healthz"), "ok\n")
            code, err = town.stop()
        self.assertEqual((code, err), (0, ""))
        config = json.loads((self.folder / "goop.json").read_text())
        self.assertTrue(config["presence"]["rendezvous_only"])
        self.assertFalse((self.folder / "data/identity.key").exists())

    def test_where_it_listens_is_said_once_and_remembered(self):
        self.configure()
        with self.server() as town:
            self.assertIn("Only this machine reaches it; --bind 0.0.0.0 lets others in.",
                          [*town.lines, town.process.stdout.readline().rstrip("\n")])
        for words in (("--bind", "0.0.0.0"), ()):
            with self.server(words=words) as town:
                self.assertEqual(town.get("/healthz"), "ok\n")
            presence = json.loads((self.folder / "goop.json").read_text())["presence"]
            self.assertEqual(presence["rendezvous_bind"], "0.0.0.0")
        self.refused(2, "rendezvous_bind", "rendezvous", self.folder, "--bind", "example.org")

    def test_a_peer_that_is_to_be_a_server_alone_is_one(self):
        self.configure(rendezvous_host=True, rendezvous_only=True)
        with self.server(command="peer") as town:
            self.assertEqual(town.get("/healthz"), "ok\n")
            self.assertEqual(town.stop(), (0, ""))
        self.assertFalse((self.folder / "data/identity.key").exists())
        self.refused(2, "rendezvous_only.*no peer", "peer", self.folder, "--open")

    def test_the_file_wins_over_PORT(self):
        self.configure()
        with self.server(env=clean_environment(PORT="1")) as town:
            self.assertEqual(town.get("/healthz"), "ok\n")

    def test_a_port_that_is_taken_ends_it_with_advice(self):
        self.configure()
        with socket.socket() as other:
            other.bind(("127.0.0.1", self.port))
            other.listen()
            self.refused(1, f"{self.port}.*taken.*presence.rendezvous_port", "rendezvous", self.folder)

    def test_nonsense_in_the_environment_or_the_file_is_named(self):
        self.refused(1, "PORT.*no port", "rendezvous", self.folder,
                     env=clean_environment(PORT="many"))
        self.configure(rendezvous_bind="192.0.2.1")
        self.refused(1, "192.0.2.1.*does not have that address", "rendezvous", self.folder)
        self.configure(rendezvous_bind="example.org")
        self.refused(1, "presence.rendezvous_bind", "rendezvous", self.folder)

    def test_a_second_server_in_the_folder_is_refused(self):
        self.configure()
        with self.server():
            self.refused(1, "in use", "rendezvous", self.folder)

    def test_it_says_its_limit_of_files_and_stops_quickly_with_open_streams(self):
        self.configure()
        with self.server() as town:
            self.assertRegex(town.lines[-1] if town.lines[-1].startswith("Conn") else town.lines[-2],
                             r"Connections: \d+ at most \(\d+ files may be open\)")
            stream = urllib.request.urlopen(town.url + "/events", timeout=PATIENCE)
            began = time.monotonic()
            code, _ = town.stop()
            self.assertEqual(code, 0)
            self.assertLess(time.monotonic() - began, 2)
            stream.close()

    def test_peers_of_the_reference_program_are_listed_for_the_operator(self):
        self.configure(admin_password="secret")
        with self.server() as town:
            self.assertEqual(town.publish(7, "Bob"), 204)
            rows = json.loads(town.get("/peers.json", "secret"))
            self.assertEqual([row["content"] for row in rows], ["Bob"])
            with self.assertRaises(urllib.error.HTTPError) as refused:
                town.get("/peers.json", "wrong")
            self.assertEqual(refused.exception.code, 401)

    def test_the_operators_password_is_kept_as_a_hash_after_the_first_start(self):
        self.folder.mkdir()
        file = self.folder / "goop.json"
        before = ('{\n  "presence": {"admin_password": "open \\"sesame\\"",   "rendezvous_port": %d},\n'
                  '\t"mine": [1,  2]\n}\n' % self.port)
        file.write_text(before)
        with self.server() as town:
            after = file.read_text()
            self.assertEqual(json.loads(town.get("/peers.json", 'open "sesame"')), [])
            code, err = town.stop()
        self.assertEqual(code, 0)
        self.assertEqual(err.count("config.password_hashed"), 1, err)
        kept = json.loads(after)["presence"]["admin_password"]
        self.assertTrue(kept.startswith("$argon2id$"), kept)
        self.assertEqual(after.replace(json.dumps(kept), '"open \\"sesame\\""'), before)
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        for text in (err, self.fine("config", "show", self.folder)):
            self.assertNotIn("sesame", text)
            self.assertNotIn("argon2", text)
        with self.server() as town:  # the hash is known for one
            self.assertEqual(json.loads(town.get("/peers.json", 'open "sesame"')), [])
            with self.assertRaises(urllib.error.HTTPError) as refused:
                town.get("/peers.json", kept)
            self.assertEqual(refused.exception.code, 401)
            _, err = town.stop()
        self.assertNotIn("password_hashed", err)
        self.assertEqual(file.read_text(), after)


class Database(RendezvousCase):
    def rows(self):
        with sqlite3.connect(self.folder / "peers.db") as database:
            return dict(database.execute("SELECT peer_id, content FROM peers"))

    def test_what_was_acknowledged_survives_kill_9_at_any_moment(self):
        self.configure(peer_db_path="peers.db", ttl_seconds=600)
        chance, acknowledged, number = random.Random(4), {}, 0
        for _ in range(6):
            with self.server() as town:
                end = time.monotonic() + chance.uniform(0.05, 0.4)
                while time.monotonic() < end:
                    number += 1
                    label = f"label {chance.random()}"
                    who = chance.randrange(40)
                    self.assertEqual(town.publish(who, label), 204)
                    acknowledged[peer_id(who)] = label
                town.process.kill()
                town.process.wait()
            self.assertEqual(self.rows(), acknowledged)
        self.assertGreater(number, 20)
        with self.server() as town:
            ready = json.loads(town.get("/readyz"))
            self.assertEqual(ready["peers"], len(acknowledged))
            self.assertEqual(ready["database"], "ok")

    def test_a_damaged_database_is_moved_aside_and_said_so(self):
        self.configure(peer_db_path="peers.db")
        (self.folder / "peers.db").write_bytes(os.urandom(20000))
        with self.server() as town:
            self.assertEqual(town.publish(1), 204)
            _, err = town.stop()
        self.assertIn("peer_db.damaged", err)
        self.assertTrue(list(self.folder.glob("peers.db.damaged-*")))
        self.assertEqual(len(self.rows()), 1)


if __name__ == "__main__":
    unittest.main()
