/* SPDX-License-Identifier: ISC */
#include "base/explain.h"

/* clang-format off */
static const char *const texts[CAUSE_LAST] = {
	[CAUSE_NONE] =
	    "The server has accepted the mail, and answers for it from then on.",
	[CAUSE_QUEUED] =
	    "This is no failure: the mail is on disk, and whoever gave it has nothing more to "
	    "do. It goes out with the next run of the queue.",
	[CAUSE_USAGE] =
	    "The command line asks for something that there isn't, or that makes no sense.",
	[CAUSE_FORBIDDEN] =
	    "Under a name of sendmail no option may name files, commands or servers, because "
	    "web applications let strangers reach its command line. "
	    "The name mailchute takes all options.",
	[CAUSE_NO_SUCH_JOB] =
	    "The program can't do this.",
	[CAUSE_NO_RECIPIENT] =
	    "Nobody is named who could get the mail. "
	    "With -t, the headers To, Cc and Bcc are read; without it, only the command line "
	    "counts.",
	[CAUSE_PARTIAL] =
	    "Some recipients were refused, each with a message of its own, and all others have "
	    "the mail. "
	    "Don't send it to all of them again: those who have it would get it twice.",
	[CAUSE_ADDRESS] =
	    "An address can't be read, or has something in it that no server could be told.",
	[CAUSE_ALIAS] =
	    "A local recipient has an alias, and no mail address stands behind it: it is empty, "
	    "it leads in a circle, or it has only commands and files.",
	[CAUSE_MESSAGE] =
	    "The header holds something that can't be sent, or that may hide another header.",
	[CAUSE_TOO_LARGE] =
	    "The server has said how much it takes at a time, and this mail is larger. "
	    "Nothing was uploaded. "
	    "Attachments grow by 37 % in a mail.",
	[CAUSE_NO_INPUT] =
	    "The mail is read from standard input, which is closed or can't be read.",
	[CAUSE_FILE] =
	    "A file that a setting names is missing or can't be read by this user.",
	[CAUSE_CONFIG] =
	    "A setting is wrong, unknown or missing; the message tells the file and the line.",
	[CAUSE_NO_CONFIG] =
	    "No file with an account was found in any of the places under FILES, or the file that "
	    "-C names has none.",
	[CAUSE_NO_ACCOUNT] =
	    "There are accounts, but none of that name, and none that fits the sender.",
	[CAUSE_CONFIG_FILE] =
	    "A configuration file exists, and this user may not read it, or it can't be read.",
	[CAUSE_EVAL] =
	    "A command behind eval, whose output stands in place of a line of the configuration, "
	    "fails or prints nothing.",
	[CAUSE_EXPOSED] =
	    "A file that holds a password can be read by other users of this machine. "
	    "Take their right away with chmod 600.",
	[CAUSE_PASSWORD] =
	    "The place where the account says the password is has none: a command that fails "
	    "or prints nothing, or an empty file.",
	[CAUSE_NO_PASSWORD] =
	    "The server wants a sign-in, and no setting says where the password is; nor was it "
	    "in the other places, which the message names and mailchuterc(5) describes.",
	[CAUSE_STORE] =
	    "The mail is kept in a temporary file while it is sent, and there is no room for "
	    "it. "
	    "Nothing was sent.",
	[CAUSE_QUEUE] =
	    "The queue can't take the mail: its disk is full or broken. Nothing was sent. "
	    "What it had already is safe.",
	[CAUSE_QUEUE_CHANGE] =
	    "A mail could not go from one folder of the queue to another, or out of it: the "
	    "disk is full or broken, or the queue belongs to another user. "
	    "The mail is where it was.",
	[CAUSE_QUEUE_DIR] =
	    "The directory of the queue isn't there, or isn't one that a queue may use: it must "
	    "belong to whoever runs the queue, and nobody else may write to it.",
	[CAUSE_NO_QUEUE] =
	    "There is no queue: the mail is handed over at once, or not at all.",
	[CAUSE_QUEUE_ENTRY] =
	    "A file in the queue isn't what the queue has written there. "
	    "It is set aside, and never sent or removed.",
	[CAUSE_NO_ENTRY] =
	    "The queue has no mail of that name: it was sent, or removed, or there never was "
	    "one.",
	[CAUSE_BUSY] =
	    "A run of the queue has the mail in its hands, and nothing else can be done with "
	    "it meanwhile. It takes a moment.",
	[CAUSE_KILLED] =
	    "A process of ours that was sending the mail was killed, by a lack of memory or a "
	    "fault in it. The mail is kept, and tried again on its own; after three times in "
	    "a row it is set aside.",
	[CAUSE_OUTPUT] =
	    "What was asked for couldn't be written to standard output, or to the file.",
	[CAUSE_SYSTEM] =
	    "The system has refused a call, for lack of memory or processes.",
	[CAUSE_NO_HOST] =
	    "The name of the server doesn't exist: look for a typing error in host.",
	[CAUSE_DNS] =
	    "The name servers of this machine don't answer, so the server can't be found now. "
	    "Usually this machine is offline; else look into /etc/resolv.conf.",
	[CAUSE_SOURCE_IP] =
	    "This machine has no such address as source_ip says, or the server has none of its "
	    "kind.",
	[CAUSE_CONNECT] =
	    "The server isn't there, or a firewall lets nothing through to that port. "
	    "Providers take mail from their users on port 587 or 465.",
	[CAUSE_PORT25] =
	    "Port 25 is for mail between servers, and most networks let nobody else use it, so "
	    "that infected machines can't send spam. "
	    "Mail of users goes over port 587 or 465, with TLS and a sign-in. "
	    "At a cloud provider, the block is often lifted on demand.",
	[CAUSE_SOCKET] =
	    "Nobody listens at the Unix socket, or this user may not reach it.",
	[CAUSE_PROXY_NO_HOST] =
	    "The name of the proxy doesn't exist: look for a typing error in proxy_host.",
	[CAUSE_PROXY_DOWN] =
	    "The proxy itself isn't there.",
	[CAUSE_PROXY_TIMEOUT] =
	    "The proxy kept silent. "
	    "Perhaps it speaks another protocol than SOCKS5.",
	[CAUSE_PROXY_HANGUP] =
	    "The proxy has closed the connection. "
	    "Perhaps it doesn't let this machine in.",
	[CAUSE_PROXY_PROTOCOL] =
	    "What answers at proxy_host and proxy_port is no SOCKS5 proxy; an HTTP proxy will "
	    "not do.",
	[CAUSE_PROXY_AUTH] =
	    "The proxy wants a sign-in first, which isn't supported.",
	[CAUSE_PROXY_REFUSED] =
	    "The proxy doesn't want to make this connection: its operator has a rule against "
	    "it.",
	[CAUSE_PROXY_CONNECT] =
	    "The proxy works, and tells that it can't reach the server: it isn't online, or "
	    "host or port is wrong.",
	[CAUSE_TIMEOUT] =
	    "The server kept silent for longer than it may, or this machine lost the network.",
	[CAUSE_HANGUP] =
	    "The server closed the connection before it had the whole mail: nobody got it.",
	[CAUSE_MAYBE_SENT] =
	    "The whole mail had left, and then the connection was lost, or the server kept "
	    "silent or said what isn't SMTP. "
	    "It may have been accepted; who sends it again may send it twice.",
	[CAUSE_SESSION_FULL] =
	    "The server says how many mails it takes over one connection, or that it has had "
	    "enough for now, and this one was over that limit. "
	    "It can be sent again over another connection.",
	[CAUSE_PROTOCOL] =
	    "What the server says isn't what SMTP allows in this place. "
	    "A malformed answer is never skipped or guessed, because that loses mail.",
	[CAUSE_NOT_SMTP] =
	    "Something answers, but it speaks HTTP, POP3, IMAP, SSH or the like: the port is "
	    "that of another service, or a proxy stands between. "
	    "POP3 and IMAP fetch mail; to send it, providers have SMTP on port 587 or 465.",
	[CAUSE_TLS_STARTTLS] =
	    "The server starts in plain text, and the account wants TLS from the start. "
	    "Other programs call this a wrong version number or an unexpected TLS packet. "
	    "Usually tls_starttls should be on, or port 465.",
	[CAUSE_TLS_IMPLICIT] =
	    "The other way round: the server waits for TLS, as on port 465, while we wait for "
	    "its greeting, for which other programs hang. "
	    "Usually tls_starttls should be off, or port 587.",
	[CAUSE_TLS_WANTED] =
	    "The server takes no mail before there is TLS: tls should be on.",
	[CAUSE_TLS_NONE] =
	    "The account wants STARTTLS, and the server doesn't offer it; or somebody between "
	    "has taken the offer out. "
	    "Nothing was sent without encryption.",
	[CAUSE_TLS_SETUP] =
	    "The settings of TLS contradict each other, or GnuTLS doesn't know them.",
	[CAUSE_TLS_FAILED] =
	    "Both sides speak TLS and can't agree: the server has only versions or methods "
	    "that are no longer safe, or wants a certificate of ours.",
	[CAUSE_TLS_INJECTED] =
	    "Plain text came where TLS had to begin. "
	    "Somebody between may be trying to slip words into the session, which was ended at "
	    "once.",
	[CAUSE_CERT_NAME] =
	    "The server proves to be another than the one that host names. "
	    "If a provider runs it under another name, which the message shows, set host or "
	    "tls_host_override to it; else somebody may be between.",
	[CAUSE_CERT_EXPIRED] =
	    "The certificate is no longer valid, or not yet. "
	    "A machine without a battery for its clock, such as a Raspberry Pi, may think that "
	    "it is another year: look at the time that the message shows first.",
	[CAUSE_CERT_UNKNOWN] =
	    "Nobody whom this machine trusts has signed the server's certificate. "
	    "If the operator runs a CA of their own, get its certificate and name it with "
	    "tls_trust_file; else ask the operator for the fingerprint of the certificate or "
	    "of its key, compare it with the one that the message shows, and put the line with "
	    "tls_pubkey_fingerprint into the account. "
	    "A server that doesn't send the certificates between its own and that of the CA "
	    "looks the same: its operator has to mend that.",
	[CAUSE_CERT_REVOKED] =
	    "The one who signed the certificate has taken that back, as the list in "
	    "tls_crl_file says: its key may be in other hands.",
	[CAUSE_CERT_PIN] =
	    "The server shows another certificate than the one that tls_fingerprint names. "
	    "Certificates are renewed every few months: ask the operator.",
	[CAUSE_CERT_KEY_PIN] =
	    "The server shows another key than the one that tls_pubkey_fingerprint names. "
	    "Keys change more seldom than certificates: ask the operator.",
	[CAUSE_CERT_BAD] =
	    "The certificate is not one for servers, or its key or signature is too weak to "
	    "prove anything.",
	[CAUSE_AUTH_WANTED] =
	    "The server takes no mail before somebody has signed in: auth should be on.",
	[CAUSE_AUTH_NONE] =
	    "The account wants a sign-in, and the server offers none. "
	    "Many offer it only under TLS, or not on port 25.",
	[CAUSE_AUTH_METHOD] =
	    "Server and account have no method of signing in in common. "
	    "With auth on, the strongest one is taken that both have.",
	[CAUSE_AUTH_CLEAR] =
	    "The server wants the password, and the connection is not encrypted: nothing was "
	    "sent.",
	[CAUSE_AUTH_SETTING] =
	    "The method needs a setting, such as user, that the account doesn't have.",
	[CAUSE_AUTH_TICKET] =
	    "With Kerberos, a ticket takes the place of the password, and there is none for "
	    "this server, or it has run out.",
	[CAUSE_AUTH_REFUSED] =
	    "The server said no to user and password. "
	    "Look at where the password came from, which the message shows, and at a blank at "
	    "its end. "
	    "Many providers want a password made for programs, an app password, in place of "
	    "the one for people.",
	[CAUSE_AUTH_APP] =
	    "The provider doesn't take the password for people from programs. "
	    "Make one for this program on its pages (an app password, or an authorization "
	    "code), or use OAuth: auth xoauth2 or oauthbearer, with a passwordeval that prints "
	    "a token.",
	[CAUSE_AUTH_BASIC] =
	    "The provider takes tokens (OAuth) only, or its administrator has switched off "
	    "SMTP for this mailbox. "
	    "Use auth xoauth2 with a passwordeval that prints a token, or ask the "
	    "administrator.",
	[CAUSE_AUTH_FAILED] =
	    "The sign-in broke down half way: one side said something that the method doesn't "
	    "allow.",
	[CAUSE_AUTH_SERVER] =
	    "The method lets the server prove that it knows the password, and it couldn't: "
	    "somebody may be posing as the server. "
	    "Nothing was sent.",
	[CAUSE_SENDER] =
	    "The server lets this user send as some addresses only, and this is none of them. "
	    "Programs that run by themselves send as root and the like: set from to your "
	    "address, and allow_from_override off.",
	[CAUSE_QUOTA] =
	    "The provider limits how many mails an account may send in some time, and counts "
	    "recipients. "
	    "A later try may succeed.",
	[CAUSE_NO_DSN] =
	    "A delivery notice was asked for, and the server can't give any.",
	[CAUSE_NO_SMTPUTF8] =
	    "An address has letters outside ASCII before its @, and the server takes no such "
	    "addresses. "
	    "Its owner may have another one.",
	[CAUSE_GUARDED] =
	    "The account has allow_recipients, which lets mail go to some addresses only, so "
	    "that a machine for trials writes to nobody else; this is none of them.",
	[CAUSE_NOT_YOURS] =
	    "A service of ours knows who has given it the mail, and its settings don't let them "
	    "send as this address: listen_sender says who may, and who has no line there can't send under "
	    "the name of another person of the machine. "
	    "Take a sender of your own, as with -f.",
	[CAUSE_TOO_MUCH] =
	    "A service of ours counts what each user sends, and this one has sent as much as "
	    "listen_mails_hour, listen_mails_day, listen_recipients_hour or "
	    "listen_recipients_day let them. "
	    "The reply says when to try again; a program that sends without end is a reason to "
	    "look before.",
	[CAUSE_LISTEN] =
	    "A server was to be started here, and the place where it was to wait for clients "
	    "can't be had: another program has it already, the address is none of this machine's, "
	    "or only root may take it, as with ports below 1024.",
	[CAUSE_CATCH] =
	    "The account catches mail in place of sending it, and what it caught can't be kept "
	    "where catch_to says.",
	[CAUSE_NO_SERVER] =
	    "The account catches mail in place of sending it: there is no server to ask.",
	[CAUSE_NO_ETRN] =
	    "The server has no queues that others can start.",
	[CAUSE_QUEUE_NAME] =
	    "The server doesn't know a queue of that name.",
	[CAUSE_NO_SRV] =
	    "The domain doesn't tell in the DNS where its users submit mail. "
	    "Look into its help pages for its SMTP server, and write host and port by hand, as "
	    "in the examples of mailchuterc(5).",
	[CAUSE_REPLY] =
	    "The server said no, for reasons of its own: its words tell.",
};
/* clang-format on */

const char *
explain(enum cause cause)
{
	return texts[cause] != NULL ? texts[cause] : "";
}
