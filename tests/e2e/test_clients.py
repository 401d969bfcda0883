#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_clients.py - libraries and programs that speak SMTP, with mailchute -bd as their server; and
what becomes of their mail when processes are killed"""
import contextlib
import email
import os
import random
import signal
import smtplib
import subprocess
import threading

from harness import cases, check, check_equal, environment, folder, main, need, test
from hostile import Server
from served import daemon
from unpacked import unpacked

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

ACTION_MAILER = '''require "action_mailer"
ActionMailer::Base.smtp_settings = { address: "127.0.0.1", port: ARGV[0].to_i,
  enable_starttls_auto: false }
class Notifier < ActionMailer::Base
  def hello
    mail(from: "a@lab.example", to: "b@x.example", subject: "Grüße", content_type: "text/plain",
      body: "Grüße\\n.\\n..\\nthe end\\n")
  end
end
begin
  Notifier.hello.deliver_now
rescue Net::ProtocolError
  exit 9
end
'''

DJANGO = '''import smtplib
import sys
from django.conf import settings
settings.configure(EMAIL_HOST="127.0.0.1", EMAIL_PORT=int(sys.argv[1]))
from django.core.mail import send_mail
try:
    send_mail("Grüße", "Grüße\\n.\\n..\\nthe end\\n", "a@lab.example", ["b@x.example"])
except smtplib.SMTPException:
    sys.exit(9)
'''

NET_SMTP = '''use Net::SMTP;
my $smtp = Net::SMTP->new("127.0.0.1", Port => $ARGV[0]) or exit 8;
$smtp->mail("a\\@lab.example") && $smtp->to("b\\@x.example") && $smtp->data() or exit 7;
$smtp->datasend("Subject: s\\n\\nGr\\xc3\\xbc\\xc3\\x9fe\\n.\\n..\\nthe end\\n");
my $taken = $smtp->dataend();
$smtp->quit();
exit($taken ? 0 : 9);
'''

JAVA_MAIL = '''import javax.mail.*;
import javax.mail.internet.*;
class Send {
  public static void main(String[] args) throws Exception {
    java.util.Properties to = new java.util.Properties();
    to.put("mail.smtp.host", "127.0.0.1");
    to.put("mail.smtp.port", args[0]);
    MimeMessage mail = new MimeMessage(Session.getInstance(to));
    mail.setFrom(new InternetAddress("a@lab.example"));
    mail.setRecipients(Message.RecipientType.TO, "b@x.example");
    mail.setSubject("Grüße", "UTF-8");
    mail.setText("Grüße\\n.\\n..\\nthe end\\n", "UTF-8");
    try {
      Transport.send(mail);
    } catch (MessagingException e) {
      System.exit(9);
    }
  }
}
'''

MESSAGE = 'From: a@lab.example\nTo: b@x.example\nSubject: Grüße\n\nGrüße\n.\n..\nthe end\n'


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


def action_mailer(port):
    """Rails."""
    need('/usr/share/doc/ruby-actionmailer', 'ruby-actionmailer')
    return [need('ruby', 'ruby'), script('send.rb', ACTION_MAILER), str(port)]


def django(port):
    """Django, in the system's own Python."""
    need('/usr/lib/python3/dist-packages/django', 'python3-django')
    return ['/usr/bin/python3', '-B', script('send.py', DJANGO), str(port)]


def net_smtp(port):
    """Perl's own Net::SMTP."""
    return [need('perl', 'perl'), script('send.pl', NET_SMTP), str(port)]


def java_mail(port):
    """JavaMail, which is Jakarta Mail by now."""
    need('/usr/share/java/javax.mail.jar', 'libmail-java')
    need('javac', 'default-jdk-headless')
    jars = ':'.join(f'/usr/share/java/javax.{name}.jar' for name in ('mail', 'activation'))
    return ['java', '-Dfile.encoding=UTF-8', '-cp', jars, script('Send.java', JAVA_MAIL), str(port)]


def curl(port):
    """curl."""
    return [need('curl', 'curl'), '--silent', f'smtp://127.0.0.1:{port}', '--mail-from',
            'a@lab.example', '--mail-rcpt', 'b@x.example', '--upload-file',
            script('mail', MESSAGE), '--crlf']


def fed(command, text, descriptor=0):
    """The command, and what it reads the text from."""
    return ['sh', '-c', f'exec {command} {descriptor}<"$0"', script('mail', text)]


def msmtp(port):
    """msmtp, of which we are another."""
    need('/usr/bin/msmtp', 'msmtp')
    return fed(f'/usr/bin/msmtp --host=127.0.0.1 --port={port} --tls=off --from=a@lab.example '
               'b@x.example', MESSAGE)


def nullmailer(port):
    """What nullmailer runs for each mail."""
    program = unpacked('nullmailer', 'usr/lib/nullmailer/smtp')
    return fed(f'env HELOHOST=lab.example {program} --host=127.0.0.1 --port={port} </dev/null',
               'a@lab.example\nb@x.example\n\n' + MESSAGE, descriptor=3)


@cases(*((f'{name}, {how}', program, final, status if how == 'refused' else 0)
         for name, program, status in (('PHPMailer', phpmailer, 9), ('nodemailer', nodemailer, 9),
                                       ('ruby-mail', ruby_mail, 9), ('swaks', swaks, 26),
                                       ('ActionMailer', action_mailer, 9), ('Django', django, 9),
                                       ('Net::SMTP', net_smtp, 9), ('JavaMail', java_mail, 9),
                                       ('curl', curl, 8), ('msmtp', msmtp, 69),
                                       ('nullmailer', nullmailer, 35))
         for how, final in (('taken', '250 2.0.0 ok'), ('refused', '554 5.7.1 spam'))))
def a_program_hears_what_becomes_of_its_mail(program, final, status):
    with Server(tls=None, final=final) as server, daemon(server) as d:
        done = subprocess.run(program(d.port), env=environment(NODE_PATH='/usr/share/nodejs'),
                              capture_output=True, timeout=300, check=False)
        check_equal(done.returncode, status, done.stderr.decode())
        if status == 0:
            mail = server.mail()
            check_equal(mail.recipients, ['b@x.example'], 'recipients')
            parsed = email.message_from_bytes(mail.data)
            text = parsed.get_payload(decode=True).decode().split()
            check_equal(text, ['Grüße', '.', '..', 'the', 'end'], 'text')


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
