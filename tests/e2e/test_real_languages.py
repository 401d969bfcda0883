#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_real_languages.py - what programs in PHP, Perl, Ruby, JavaScript and Python send mail with

Each program here is as short as those in the manual of the library, and finds sendmail by itself.
It takes the text on standard input, the recipient as its argument, and ends with 9 when it is told
that the mail could not be sent.
"""
import os
import pwd
import subprocess

from harness import Skip, cases, check, check_equal, environment, main, need, test
from sendmail import (ONE, ROOT, SENDER, THREE, TWO, Boxes, account, home, place, root_home, run,
                      run_well)

SUBJECT = 'Grüße aus Köln'
TEXT = 'Grüße\n.\n..\nFrom here on\nthe end\n'
LABELS = 'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n' \
    'Content-Transfer-Encoding: 8bit'

PHP_MAIL = f'''<?php
exit(mail($argv[1], encoded("{SUBJECT}"), file_get_contents("php://stdin"),
    ...array_slice($argv, 2)) ? 0 : 9);
function encoded($text) {{ return "=?UTF-8?B?" . base64_encode($text) . "?="; }}
'''

PHPMAILER = f'''<?php
require "/usr/share/php/libphp-phpmailer/autoload.php";
$mail = new PHPMailer\\PHPMailer\\PHPMailer(true);
$mail->CharSet = "utf-8";
$mail->setFrom("{SENDER}", "Sendér");
$mail->addAddress($argv[1]);
$mail->addCC("{TWO}");
$mail->addBCC("{THREE}");
$mail->Subject = "{SUBJECT}";
$mail->Body = file_get_contents("php://stdin");
$argv[2] == "mail" ? $mail->isMail() : $mail->isSendmail();
try {{ $mail->send(); }} catch (Exception $e) {{ exit(9); }}
'''

EMAIL_SENDER = f'''use strict; use warnings; use utf8; use open qw(:std :utf8);
use Email::Simple; use Email::Sender::Simple qw(try_to_sendmail); use Encode;
use Email::Sender::Transport::Sendmail;
my $mail = Email::Simple->create(header => [From => '{SENDER}', To => $ARGV[0], Cc => '{TWO}',
    Subject => encode('MIME-Q', '{SUBJECT}'), 'MIME-Version' => '1.0',
    'Content-Type' => 'text/plain; charset=utf-8', 'Content-Transfer-Encoding' => '8bit'],
    body => encode('UTF-8', join('', <STDIN>)));
exit(try_to_sendmail($mail, {{ from => '{SENDER}', to => [$ARGV[0], '{TWO}', '{THREE}'],
    transport => Email::Sender::Transport::Sendmail->new }}) ? 0 : 9);
'''

MIME_LITE = f'''use strict; use warnings; use MIME::Lite;
my $mail = MIME::Lite->new(From => '{SENDER}', To => $ARGV[0], Cc => '{TWO}', Bcc => '{THREE}',
    Subject => '{SUBJECT}', Type => 'TEXT', Encoding => '8bit', Data => join('', <STDIN>));
$mail->attr('content-type.charset' => 'UTF-8');
eval {{ $mail->send('sendmail', FromSender => '{SENDER}') }} or exit 9;
'''

RUBY_MAIL = f'''require "mail"
Mail.defaults {{ delivery_method :sendmail }}
text = $stdin.read.force_encoding("UTF-8")
Mail.deliver do
  from "{SENDER}"
  to ARGV[0]
  cc "{TWO}"
  bcc "{THREE}"
  subject "{SUBJECT}"
  content_type "text/plain; charset=UTF-8"
  body text
end
'''

NODEMAILER = f'''const mail = require("nodemailer").createTransport({{ sendmail: true }});
mail.sendMail({{ from: "{SENDER}", to: process.argv[2], cc: "{TWO}", bcc: "{THREE}",
    subject: "{SUBJECT}", text: require("fs").readFileSync(0, "utf-8") }})
  .catch(() => process.exit(9));
'''

PYTHON = f'''import subprocess, sys
from email.message import EmailMessage
mail = EmailMessage()
mail["From"], mail["To"], mail["Cc"], mail["Bcc"] = "{SENDER}", sys.argv[1], "{TWO}", "{THREE}"
mail["Subject"] = "{SUBJECT}"
mail.set_content(sys.stdin.read(), cte="8bit")
done = subprocess.run(["/usr/sbin/sendmail", "-t", "-oi", "-f", "{SENDER}"], input=bytes(mail))
sys.exit(9 if done.returncode else 0)
'''


def program(language, name, code):
    """A program in the home folder; returns how it is called there."""
    (home() / name).write_text(code)
    return [*language, f'{root_home()}/{name}']


def module(argv, package):
    """Skip unless the language has this module."""
    found = subprocess.run(argv, env=environment(), capture_output=True, check=False)
    if found.returncode:
        raise Skip(f'{argv[0]} lacks what the Debian package {package} has')


def php():
    """php, with its warnings on standard error."""
    return [need('php', 'php-cli'), '-d', 'display_errors=stderr', '-d', 'error_reporting=-1']


def php_mail(*more):
    """A program that calls mail()."""
    return program([*php(), *more], 'mail.php', PHP_MAIL)


def phpmailer():
    """A program that uses PHPMailer."""
    need('/usr/share/php/libphp-phpmailer/autoload.php', 'libphp-phpmailer')
    return program(php(), 'phpmailer.php', PHPMAILER)


def email_sender():
    """A program that uses Email::Sender."""
    module([need('perl', 'perl'), '-MEmail::Sender::Simple', '-e', '0'], 'libemail-sender-perl')
    return program(['perl'], 'email-sender.pl', EMAIL_SENDER)


def mime_lite():
    """A program that uses MIME::Lite."""
    module([need('perl', 'perl'), '-MMIME::Lite', '-e', '0'], 'libmime-lite-perl')
    return program(['perl'], 'mime-lite.pl', MIME_LITE)


def ruby_mail():
    """A program that uses the delivery of ActionMailer."""
    module([need('ruby', 'ruby'), '-rmail', '-e', '0'], 'ruby-mail')
    return program(['ruby'], 'mail.rb', RUBY_MAIL)


def nodemailer():
    """A program that uses nodemailer."""
    need('/usr/share/nodejs/nodemailer/package.json', 'node-nodemailer')
    return program([need('node', 'nodejs')], 'mail.js', NODEMAILER)


def python():
    """A program in Python, whose library has nothing for it."""
    return program(['/usr/bin/python3', '-B'], 'mail.py', PYTHON)


def check_mail(mail):
    """The mail has its subject and its text; encoders differ in what they put at the line ends."""
    mail.check_fields(Subject=SUBJECT)
    check(b'\r' not in mail.data, 'a CR came through')
    check_equal(mail.text.split(), TEXT.split(), 'text')


@cases(
    ('PHPMailer, isSendmail', lambda: [*phpmailer(), ONE, 'sendmail']),
    ('PHPMailer, isMail', lambda: [*phpmailer(), ONE, 'mail']),
    ('Email::Sender', lambda: [*email_sender(), ONE]),
    ('MIME::Lite', lambda: [*mime_lite(), ONE]),
    ('mail of Ruby', lambda: [*ruby_mail(), ONE]),
    ('nodemailer', lambda: [*nodemailer(), ONE]),
    ('Python', lambda: [*python(), ONE]),
)
def a_library_sends_with_copies_and_hidden_copies(command):
    argv, boxes = command(), Boxes()
    run_well(argv, TEXT.encode(), NODE_PATH='/usr/share/nodejs')
    mail = boxes.arrived(ONE, TWO, THREE)
    check_equal(mail.sender, SENDER, 'sender')
    mail.check_fields(To=ONE, Cc=TWO)
    check(SENDER in mail.field('From'), mail.field('From'))
    check_mail(mail)


@cases(
    ('PHPMailer', lambda: [*phpmailer(), 'nobody@lab.example', 'sendmail']),
    ('PHP mail()', lambda: [*php_mail(), 'nobody@lab.example']),
    ('Email::Sender', lambda: [*email_sender(), 'nobody@lab.example']),
    ('MIME::Lite', lambda: [*mime_lite(), 'nobody@lab.example']),
    ('nodemailer', lambda: [*nodemailer(), 'nobody@lab.example']),
    ('Python', lambda: [*python(), 'nobody@lab.example']),
)
def a_refused_recipient_is_told(command):
    argv = command()
    status, out, err = run(argv, TEXT.encode(), NODE_PATH='/usr/share/nodejs')
    check_equal(status, 9, f'exit status (stdout: {out}; stderr: {err})')


# --- PHP ----------------------------------------------------------------------------------------

@cases(
    ('LF in the text', TEXT),
    ('CRLF in the text', TEXT.replace('\n', '\r\n')),
    ('both in the text', TEXT.replace('\n', '\r\n', 2)),
    ('CRLF and LF in the header', TEXT, '-d', 'mail.mixed_lf_and_crlf=1'),
)
def php_mail_arrives(text, *more):
    boxes = Boxes()
    header = f'From: {SENDER}\r\nCc: {TWO}\r\nBcc: {THREE}\r\n{LABELS}'
    run_well([*php_mail(*more), ONE, header, f'-f{SENDER}'], text.encode())
    mail = boxes.arrived(ONE, TWO, THREE)
    check_equal(mail.sender, SENDER, 'sender')
    mail.check_fields(From=SENDER, To=ONE, Cc=TWO)
    check_mail(mail)


@test
def php_mail_without_any_header_is_repaired():
    boxes = Boxes()
    run_well([*php_mail(), ONE], TEXT.encode())
    mail = boxes.arrived(ONE)
    check_equal(mail.sender, ROOT, 'sender')
    mail.check_fields(To=ONE)
    check_mail(mail)


@test
def php_mail_of_the_user_of_a_web_server_arrives():
    boxes = Boxes()
    nobody, its_home = pwd.getpwnam('nobody'), place() / 'web'
    its_home.mkdir()
    (its_home / '.msmtprc').write_text(account(place() / 'home/aliases'))
    (its_home / '.msmtprc').chmod(0o600)
    os.chown(its_home / '.msmtprc', nobody.pw_uid, nobody.pw_gid)
    become = ['setpriv', f'--reuid={nobody.pw_uid}', f'--regid={nobody.pw_gid}', '--clear-groups']
    run_well([*php_mail(), 'root', LABELS], TEXT.encode(),
             before=become, HOME=its_home, USER='nobody', LOGNAME='nobody')
    mail = boxes.arrived(ONE)
    check_equal(mail.sender, 'nobody@lab.example', 'sender')
    check('nobody@lab.example' in mail.field('From'), mail.field('From'))
    mail.check_fields(To=ROOT)
    check_mail(mail)


if __name__ == '__main__':
    main()
