"""Other users of the same computer, at the viewer's port. Only root can be somebody else."""
import json
import os
import signal
import socket
import unittest

from goop import PATIENCE, Case, Peer

NEIGHBOUR = 1  # the user "daemon", who is on every Debian


def ask(url, body=None, **fields):
    """Status and body of the answer; by a bare socket, since another user may read no Python module."""
    host, _, path = url.removeprefix("http://").partition("/")
    lines = [f"{'GET' if body is None else 'POST'} /{path} HTTP/1.1", f"Host: {host}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    text = "" if body is None else json.dumps(body)
    if body is not None:
        lines += ["Content-Type: application/json", f"Origin: http://{host}", f"Content-Length: {len(text)}"]
    with socket.socket() as connection:
        connection.settimeout(PATIENCE)
        connection.connect(("127.0.0.1", int(host.rpartition(":")[2])))
        connection.sendall("\r\n".join([*lines, "", text]).encode())
        answer = b""
        while part := connection.recv(65536):
            answer += part
    head, _, content = answer.decode().partition("\r\n\r\n")
    return int(head.split()[1]), content


def ask_as(uid, url, body=None, **fields):
    """As `ask`, in a process of the user `uid`."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgid(uid)
            os.setuid(uid)
            answer = ask(url, body, **fields)
        except BaseException as error:
            answer = (0, str(error))
        os.write(write, json.dumps(answer).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as said:
        answer = json.loads(said.read())
    os.waitpid(child, 0)
    return tuple(answer)


@unittest.skipUnless(os.geteuid() == 0, "only root can be another user")
class Users(Case):
    def test_another_user_gets_nothing_with_the_owners_secrets_and_forged_headers(self):
        with Peer(self.root / "ada") as ada:
            secret = ada.new_link().split("=")[1]
            forged = {"Authorization": f"Bearer {ada.control()['token']}", "X_Forwarded_For": "127.0.0.1",
                      "Sec_Fetch_Site": "same-origin", "Origin": ada.url}
            for path in ("/api/status", "/api/self", "/api/peers", "/api/events"):
                status, body = ask_as(NEIGHBOUR, ada.url + path, **forged)
                self.assertEqual((status, json.loads(body)["code"]), (403, "other_user"), path)
            status, body = ask_as(NEIGHBOUR, ada.url + "/api/login", {"secret": secret})
            self.assertEqual((status, json.loads(body)["code"]), (403, "other_user"))
            status, page = ask_as(NEIGHBOUR, ada.url + "/", Accept="text/html")
            self.assertEqual(status, 403)
            self.assertIn("another user of this computer", page)
            self.assertEqual(ask_as(NEIGHBOUR, f"{ada.url}/p/{ada.id}/")[0], 200)  # public anyway
            self.assertEqual(ask(ada.url + "/api/login", {"secret": secret})[0], 200)

    def test_wrong_logins_of_another_user_do_not_keep_the_owner_out(self):
        with Peer(self.root / "ada") as ada:
            secret = ada.new_link().split("=")[1]
            for _ in range(40):
                self.assertEqual(ask_as(NEIGHBOUR, ada.url + "/api/login", {"secret": "0" * 32})[0], 403)
            self.assertEqual(ask(ada.url + "/api/login", {"secret": secret})[0], 200)

    def test_a_user_whom_viewer_users_names_is_the_owner(self):
        self.fine("init", self.root / "ada")
        self.fine("config", "set", self.root / "ada", "viewer.users", "daemon, nobody-of-that-name")
        with Peer(self.root / "ada") as ada:
            status, _ = ask_as(NEIGHBOUR, ada.url + "/api/login",
                               {"secret": ada.new_link().split("=")[1]})
            self.assertEqual(status, 200)
            _, _, err = ada.stop()
            self.assertIn("viewer.unknown_user", err)
            self.assertIn("nobody-of-that-name", err)

    def test_who_connects_sends_and_hangs_up_has_changed_nothing(self):
        with Peer(self.root / "ada") as ada:
            port = int(ada.url.rpartition(":")[2])
            token = ada.control()["token"]
            body = json.dumps({"offline": True})
            request = (f"POST /api/self/appearance HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                       f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
                       f"Content-Length: {len(body)}\r\n\r\n{body}").encode()
            ada.process.send_signal(signal.SIGSTOP)  # all of them wait in the accept queue
            for _ in range(200):
                with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
                    connection.sendall(request)
            ada.process.send_signal(signal.SIGCONT)
            fields = {"Authorization": f"Bearer {token}"}
            status, body = ask(ada.url + "/api/status", **fields)
            self.assertEqual(status, 200)
            self.assertFalse(json.loads(body)["appearsOffline"])
            self.assertTrue(json.loads(body)["usersToldApart"])


if __name__ == "__main__":
    unittest.main()
