"""`goop2 peer`: its start, its stop, what it refuses, and the commands that ask a running one."""
import json
import os
import signal
import socket
import stat
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from goop import PATIENCE, PROGRAM, Case, Peer, clean_environment, goop2


def get(url, **fields):
    with urllib.request.urlopen(urllib.request.Request(url, headers=fields), timeout=PATIENCE) as answer:
        return answer.read().decode()


def eventually(what, patience=PATIENCE):
    """Waits for something another process does in its own time."""
    end = time.monotonic() + patience
    while not what():
        if time.monotonic() > end:
            raise AssertionError("it did not happen")
        time.sleep(0.05)


class Start(Case):
    def test_makes_what_is_missing_and_says_so_in_one_line(self):
        with Peer(self.root / "ada", apart=False) as ada:
            self.assertEqual(ada.lines[0],
                             f"created {self.root}/ada with goop.json, an identity and a starter site")
            self.assertEqual(ada.lines[1], f"Peer: {ada.id} (ada)")
            self.assertIn("<title>", get(ada.url + "/"))
            self.assertEqual(get(ada.url + "/readyz"), "ready\n")
            self.assertRegex(get(ada.url + "/metrics"), r"(?m)^goop_p2p_connections \d+$")

    def test_the_log_never_has_the_login_secret(self):
        with Peer(self.root / "ada", "--log", "trace") as ada:
            secret = ada.new_link().split("=")[1]
            code, out, err = ada.stop()
            self.assertNotIn(secret, out + err)

    def start_into(self, write):
        """What a peer says of its viewer when `write` is its stdout, up to the login."""
        process = subprocess.Popen([PROGRAM, "peer", str(self.root / "ada")], stdout=write,
                                   env=clean_environment(), stdin=subprocess.DEVNULL)
        os.close(write)
        self.addCleanup(process.wait, PATIENCE)
        self.addCleanup(process.terminate)

    def test_into_a_pipe_it_prints_no_secret_and_says_how_to_log_in(self):
        read, write = os.pipe()
        self.start_into(write)
        with os.fdopen(read) as lines:
            viewer = next(line for line in lines if line.startswith("Viewer:"))
            self.assertRegex(viewer, r"^Viewer: http://127\.0\.0\.1:\d+/\n$")
            self.assertEqual(next(lines), f"Log in: goop2 open {self.root}/ada\n")

    def test_on_a_terminal_it_prints_a_link_that_logs_in(self):
        terminal, stdout = os.openpty()
        self.start_into(stdout)
        text = b""
        while b"Viewer: " not in text or not text.endswith(b"\n"):
            text += os.read(terminal, 4096)
        os.close(terminal)
        self.assertRegex(text.decode(), r"Viewer: http://127\.0\.0\.1:\d+/#login=[0-9a-f]{32}\r\n")

    def test_the_owner_reads_what_visitors_do_not_get(self):
        site = self.root / "ada/site"
        site.mkdir(parents=True)
        (site / "users").symlink_to("/etc/passwd")
        with Peer(self.root / "ada") as ada:
            self.assertEqual(ada.values("Site"), [
                f"{site} has no index.html: visitors find no front page",
                "visitors do not get users: symbolic links are not followed"])

    def test_a_second_start_says_who_holds_the_folder(self):
        with Peer(self.root / "ada") as ada:
            self.refused(1, rf"ada is in use: process {ada.process.pid}, since .*Stop that one", "peer",
                         self.root / "ada")
            self.assertIsNone(ada.process.poll())

    def test_a_viewer_port_that_is_taken_is_named_with_what_to_do(self):
        self.fine("init", self.root / "ada")
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            self.fine("config", "set", self.root / "ada", "viewer.http_addr", f"127.0.0.1:{port}")
            self.refused(1, rf"viewer cannot listen on port {port}.*goop2 config set", "peer",
                         self.root / "ada")
        self.assertFalse((self.root / "ada/data/control.json").exists())

    def test_a_port_for_peers_that_is_taken_is_named_with_what_to_do(self):
        self.fine("init", self.root / "ada")
        with socket.create_server(("0.0.0.0", 0)) as other:
            port = other.getsockname()[1]
            self.fine("config", "set", self.root / "ada", "p2p.listen_port", port)
            self.refused(1, rf"{port}.*goop2 config set .* p2p.listen_port", "peer", self.root / "ada")
        self.assertFalse((self.root / "ada/data/control.json").exists())

    def test_a_port_that_another_peer_has_is_taken_too(self):
        with Peer(self.root / "ada") as ada:
            port = ada.address.split("/")[4]
            self.fine("init", self.root / "ben")
            self.fine("config", "set", self.root / "ben", "p2p.listen_port", port)
            self.refused(1, rf"{port}.*goop2 config set .* p2p.listen_port", "peer", self.root / "ben")

    def test_a_damaged_database_is_named_with_what_to_do_and_left_alone(self):
        self.fine("init", self.root / "ada")
        (self.root / "ada/data.db").write_bytes(b"rubbish" * 1000)
        self.refused(1, "ada/data.db cannot be used: .*backup of it there, or move it away", "peer",
                     self.root / "ada")
        self.assertEqual((self.root / "ada/data.db").read_bytes(), b"rubbish" * 1000)

    def test_a_corrupt_key_stops_it_and_is_left_alone(self):
        self.fine("init", self.root / "ada")
        key = self.root / "ada/data/identity.key"
        key.write_bytes(b"rubbish")
        self.refused(1, "identity.key cannot be used", "peer", self.root / "ada")
        self.assertEqual(key.read_bytes(), b"rubbish")

    def test_a_wrong_setting_stops_it_and_is_named_with_file_and_line(self):
        self.fine("init", self.root / "ada")
        (self.root / "ada/goop.json").write_text('{\n "p2p": {"listen_port": 70000}\n}')
        self.refused(1, r"ada/goop.json:2:\d+: p2p.listen_port is 70000; allowed: ", "peer",
                     self.root / "ada")

    def test_an_unknown_key_is_warned_about_once(self):
        self.fine("init", self.root / "ada")
        (self.root / "ada/goop.json").write_text('{"odd": 1}')
        with Peer(self.root / "ada") as ada:
            _, _, err = ada.stop()
        self.assertEqual(err.count("odd is not a key of this version"), 1)

    def test_a_server_given_once_is_remembered(self):
        said = "presence.rendezvous_wan = http://127.0.0.1:9"
        with Peer(self.root / "ada", "--server", "http://127.0.0.1:9") as ada:
            self.assertIn(said, ada.lines)
            ada.stop()
        with Peer(self.root / "ada", "--server", "http://127.0.0.1:9") as ada:
            self.assertNotIn(said, ada.lines)
        shown = self.fine("config", "show", self.root / "ada")
        self.assertIn(said, shown.replace('"', ""))

    def test_a_server_that_is_no_address_is_refused_before_anything_is_made(self):
        self.refused(2, "rendezvous_wan", "peer", self.root / "ada", "--server", "ftp://x")
        self.assertFalse((self.root / "ada").exists())

    def test_a_bare_id_that_is_not_known_cannot_be_kept(self):
        self.refused(1, "no address of .* is known", "peer", self.root / "ada", "--connect",
                     "12D3KooWEK24LhDk8Mxtb4uzvYjjtPH6YEKuUV1LQH4P8L2SCiEu")

    def test_the_free_port_of_last_time_is_taken_again(self):
        with Peer(self.root / "ada") as ada:
            first = ada.url
            ada.stop()
        with Peer(self.root / "ada") as ada:
            self.assertEqual(ada.url, first)

    def test_without_a_viewer_it_runs_all_the_same(self):
        self.fine("init", self.root / "ada")
        self.fine("config", "set", self.root / "ada", "viewer.http_addr", "off")
        with Peer(self.root / "ada") as ada:
            self.assertIn("off", ada.url)
            self.assertFalse((self.root / "ada/data/control.json").exists())
            self.assertEqual(ada.stop()[0], 0)


class Stop(Case):
    def test_a_signal_ends_it_in_order_and_leaves_nothing_behind(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number), Peer(self.root / "ada") as ada:
                control = self.root / "ada/data/control.json"
                self.assertEqual(stat.S_IMODE(control.stat().st_mode), 0o600)
                self.assertEqual(ada.control()["pid"], ada.process.pid)
                code, out, err = ada.stop(number)
                # Peers of tests have a tag of their own, and that is said.
                said = [line for line in err.splitlines() if "p2p.mdns_tag" not in line]
                self.assertEqual((code, out, said), (0, "", []))
                self.assertFalse(control.exists())
                self.assertFalse((self.root / "ada/data.db-wal").exists())

    def test_open_event_streams_do_not_hold_it_up(self):
        with Peer(self.root / "ada") as ada, socket.create_connection(
                ("127.0.0.1", int(ada.url.rsplit(":")[-1]))) as reader:
            reader.sendall(f"GET /api/events HTTP/1.1\r\nHost: {ada.url[7:]}\r\n"
                           f"Authorization: Bearer {ada.control()['token']}\r\n\r\n".encode())
            self.assertIn(b"200 OK", reader.recv(4096))
            begun = time.monotonic()
            self.assertEqual(ada.stop()[0], 0)
            self.assertLess(time.monotonic() - begun, 3)

    def test_a_second_signal_ends_it_at_once(self):
        with Peer(self.root / "ada") as ada:
            (self.root / "ada/site/big").write_bytes(bytes(64 << 20))
            with socket.create_connection(("127.0.0.1", int(ada.url.rsplit(":")[-1]))) as slow:
                slow.sendall(f"GET /p/{ada.id}/big HTTP/1.1\r\nHost: {ada.url[7:]}\r\n\r\n".encode())
                slow.recv(1)  # an answer that does not end, because nobody reads it
                ada.process.send_signal(signal.SIGTERM)
                eventually(lambda: not (self.root / "ada/data/control.json").exists())
                self.assertIsNone(ada.process.poll())
                time.sleep(0.2)  # signals that come together are one
                begun = time.monotonic()
                code, _, err = ada.stop()
                self.assertEqual(code, 1)
                self.assertIn("stopped at once", err)
                self.assertLess(time.monotonic() - begun, 1)


class Asked(Case):
    def test_status(self):
        with Peer(self.root / "ada") as ada:
            shown = self.fine("status", ada.folder)
            self.assertIn(f"Peer: {ada.id} (ada)\n", shown)
            self.assertIn(f"Address: {ada.address}\n", shown)
            self.assertIn("Connected to nobody\n", shown)
            status = json.loads(self.fine("status", ada.folder, "--json"))
            self.assertEqual(status["running"], True)
            self.assertEqual(status["peerID"], ada.id)
            self.assertEqual(status["url"].rstrip("/"), ada.url)
            self.assertEqual(status["connections"], [])
            self.assertLessEqual({"label", "addresses", "link", "siteUrl", "siteOrigin", "version",
                                  "started", "ready", "sessions"}, set(status))

    def test_status_of_one_that_does_not_run(self):
        self.fine("init", self.root / "ada")
        self.refused(1, "not running.*goop2 peer", "status", self.root / "ada")
        done = goop2("status", self.root / "ada", "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)), (1, {"running": False}))

    def test_a_control_file_that_a_crash_left_is_seen_through(self):
        with Peer(self.root / "ada") as ada:
            ada.process.kill()
            ada.process.wait()
            self.assertTrue((self.root / "ada/data/control.json").exists())
            self.refused(1, "not running", "status", self.root / "ada")
            self.refused(1, "not running.*goop2 peer", "open", self.root / "ada")
        with Peer(self.root / "ada"):
            self.fine("status", self.root / "ada")

    def test_a_changed_label_is_noticed_while_it_runs(self):
        with Peer(self.root / "ada") as ada:
            self.fine("config", "set", ada.folder, "profile.label", "Mira")
            label = lambda: json.loads(self.fine("status", ada.folder, "--json"))["label"]
            eventually(lambda: label() == "Mira")

    def test_a_broken_change_is_not_taken_over(self):
        with Peer(self.root / "ada") as ada:
            (ada.folder / "goop.json").write_text('{"profile": {"label": 3}}')
            time.sleep(3)  # longer than the peer waits between two looks
            self.assertEqual(json.loads(self.fine("status", ada.folder, "--json"))["label"], "ada")
            self.assertIn("config.not_applied", ada.stop()[2])


class Open(Case):
    def desktop(self):
        """A desktop whose browser writes down what it is told to open."""
        tools = self.root / "tools"
        tools.mkdir()
        (tools / "xdg-open").write_text(f'#!/bin/sh\nprintf %s "$1" > {self.root}/opened.new\n'
                                        f'mv {self.root}/opened.new {self.root}/opened\n')
        (tools / "xdg-open").chmod(0o755)
        return clean_environment(DISPLAY=":99", PATH=f"{tools}:{os.environ['PATH']}")

    def opened(self):
        eventually((self.root / "opened").exists)
        return (self.root / "opened").read_text()

    def test_without_a_desktop_it_prints_a_link_that_logs_in_once(self):
        with Peer(self.root / "ada") as ada:
            link = self.fine("open", ada.folder).strip()
            self.assertRegex(link, rf"^{ada.url}/#login=[0-9a-f]{{32}}$")
            for expected in (200, 403):
                request = urllib.request.Request(
                    ada.url + "/api/login", json.dumps({"secret": link.split("=")[1]}).encode(),
                    {"Content-Type": "application/json", "Origin": ada.url})
                try:
                    status = urllib.request.urlopen(request, timeout=PATIENCE).status
                except urllib.error.HTTPError as error:
                    status = error.code
                self.assertEqual(status, expected)
            eventually((ada.folder / "data/sessions.json").exists)
            self.assertEqual(self.mode("ada/data/sessions.json"), "0o600")

    def test_a_session_survives_a_restart(self):
        with Peer(self.root / "ada") as ada:
            request = urllib.request.Request(
                ada.url + "/api/login", json.dumps({"secret": ada.new_link().split("=")[1]}).encode(),
                {"Content-Type": "application/json", "Origin": ada.url})
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                token = json.load(answer)["token"]
                cookie = answer.headers["Set-Cookie"].split(";")[0]
            ada.stop()
        with Peer(self.root / "ada") as ada:
            fields = {"Cookie": cookie, "X-Goop-Session": token, "Origin": ada.url}
            self.assertEqual(json.loads(get(ada.url + "/api/self", **fields))["peerID"], ada.id)

    def test_on_a_desktop_the_browser_gets_a_private_file_and_no_secret_on_its_command_line(self):
        env = self.desktop()
        with Peer(self.root / "ada") as ada:
            said = self.fine("open", ada.folder, env=env)
            self.assertNotIn("login", said)
            page = self.opened()
            self.assertEqual(page, str(ada.folder / "data/open.html"))
            self.assertEqual(self.mode("ada/data/open.html"), "0o600")
            self.assertRegex((ada.folder / "data/open.html").read_text(),
                             rf"url={ada.url}/#login=[0-9a-f]{{32}}\"")
            ada.stop()
            self.assertFalse((ada.folder / "data/open.html").exists())

    def test_peer_opens_the_viewer_when_asked(self):
        env = self.desktop()
        with Peer(self.root / "ada", "--open", env=env) as ada:
            self.assertEqual(self.opened(), str(ada.folder / "data/open.html"))

    def test_a_site_is_opened_through_the_running_peer(self):
        with Peer(self.root / "ada") as ada, Peer(self.root / "ben") as ben:
            link = self.fine("open", ben.folder, ada.address).strip()
            self.assertRegex(link, rf"^http://k[0-9a-z]{{61}}\.localhost:\d+/p/{ada.id}/$")
            self.refused(2, "neither a peer id", "open", ben.folder, "nonsense")


if __name__ == "__main__":
    unittest.main()
