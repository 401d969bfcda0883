#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_clients.py - libraries and programs that speak SMTP, with mailchute -bd as their server; and
what becomes of their mail when processes are killed"""
import contextlib
import os
import random
import signal
import smtplib
import subprocess
import threading

from harness import cases, check, check_equal, environment, folder, main, need, test
from hostile import Server
from served import daemon

PHPMAILER = '''<?php
require "/usr/share/php/libphp-phpmailer/autoload.php";
$mail = new PHPMailer\\PHPMailer\\PHPMailer(true);
$mail->isSMTP(); $mail->Host = "127.0.0.1"; $mail->Port = $argv[1]; $mail->SMTPAutoTLS = false;
$mail->CharSet = "utf-8"; $mail->setFrom("a@lab.example"); $mail->addAddress("b@x.example");
$mail->Subject = "Grüße"; $mail->Body = "Grüße\\n.\\n..\\nthe end\\n";
try { $mail->send(); } catch (Exception $e) { exit(9); }
'''

NODEMAILER = '''const mail = require("nodemailer").createTransport(
  { host: "127.0.0.1", port: process.argv[2], secure: false, ignoreTLS: true });
mail.sendMail({ from: "a@lab.example", to: "b@x.example", subject: "Grüße",
  text: "Grüße\\n.\\n..\\nthe end\\n" }, error => process.exit(error ? 9 : 0));
'''

RUBY = '''require "mail"
Mail.defaults { delivery_method :smtp, address: "127.0.0.1", port: ARGV[0].to_i,
  enable_starttls_auto: false }
begin
  Mail.deliver do
    from "a@lab.example"
    to "b@x.example"
    subject "Grüße"
    content_type "text/plain; charset=UTF-8"
    body "Grüße\\n.\\n..\\nthe end\\n"
  end
rescue StandardError
  exit 9
end
'''


def script(name, text):
    """A program's text as a file."""
    path = folder() / name
    path.write_text(text)
    return str(path)


def phpmailer(port):
    """PHPMailer by SMTP."""
    need('/usr/share/php/libphp-phpmailer/autoload.php', 'libphp-phpmailer')
    return [need('php', 'php-cli'), script('send.php', PHPMAILER), str(port)]


def nodemailer(port):
    """nodemailer by SMTP."""
    need('/usr/share/nodejs/nodemailer', 'node-nodemailer')
    return [need('/usr/bin/node', 'nodejs'), script('send.js', NODEMAILER), str(port)]


def ruby_mail(port):
    """What ActionMailer's :smtp is."""
    need('/usr/share/doc/ruby-mail', 'ruby-mail')
    return [need('ruby', 'ruby'), script('send.rb', RUBY), str(port)]


def swaks(port):
    """The Swiss Army knife for SMTP."""
    return [need('swaks', 'swaks'), '--server', f'127.0.0.1:{port}', '--from', 'a@lab.example',
            '--to', 'b@x.example', '--pipeline', '--h-Subject', 'Grüße',
            '--body', 'Grüße\n.\n..\nthe end\n', '--hide-all']


@cases(*((f'{name}, {how}', program, final, status if how == 'refused' else 0)
         for name, program, status in (('PHPMailer', phpmailer, 9), ('nodemailer', nodemailer, 9),
                                       ('ruby-mail', ruby_mail, 9), ('swaks', swaks, 26))
         for how, final in (('taken', '250 2.0.0 ok'), ('refused', '554 5.7.1 spam'))))
def a_program_hears_what_becomes_of_its_mail(program, final, status):
    with Server(tls=None, final=final) as server, daemon(server) as d:
        done = subprocess.run(program(d.port), env=environment(NODE_PATH='/usr/share/nodejs'),
                              capture_output=True, timeout=60, check=False)
        check_equal(done.returncode, status, done.stderr.decode())
        if status == 0:
            check_equal(server.mail().recipients, ['b@x.example'], 'recipients')


class Sender(threading.Thread):
    """Sends mail after mail, and remembers what was taken."""

    def __init__(self, port, number, count):
        super().__init__()
        self.port, self.number, self.count, self.taken = port, number, count, []

    def run(self):
        client = None
        for n in range(self.count):
            name = f'm{self.number}-{n}'
            try:
                client = client or smtplib.SMTP('127.0.0.1', self.port, timeout=60)
                client.sendmail('a@lab.example', ['b@x.example'],
                                f'Subject: {name}\r\n\r\n' + 'x' * random.randrange(5000))
                self.taken.append(name)
            except (smtplib.SMTPException, OSError):
                client = None


@test
def nothing_that_was_taken_is_lost_when_processes_are_killed():
    place = folder() / 'queue'
    with Server(tls=None) as server, daemon(server, queue='always', queue_dir=place) as d:
        senders = [Sender(d.port, number, 60) for number in range(8)]
        for sender in senders:
            sender.start()
        killed = 0
        while any(sender.is_alive() for sender in senders):
            for pid in random.sample(children := d.children(), min(1, len(children))):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
            senders[0].join(0.02)
        taken = [name for sender in senders for name in sender.taken]
        check(killed > 0 and taken, f'{killed} killed, {len(taken)} taken')
        kept = b''.join(path.read_bytes() for path in (place / 'new').iterdir())
        lost = [name for name in taken if f'Subject: {name}\r\n'.encode() not in kept]
        check_equal(lost, [], f'lost of {len(taken)}, with {killed} killed')


main()
