"""Emails as mail servers return them."""


def status_report(address, *, status, reply="", action="failed", headers=""):
    """RFC 3464, as postfix writes it."""
    return f"""\
From: MAILER-DAEMON@mx.example.net
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
{headers}MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {reply}

--b
Content-Type: message/rfc822

Subject: News

Hello
--b--
""".encode()


def complaint(sender, address="alice@example.org", kind="abuse"):
    """RFC 5965."""
    return f"""\
From: abuse@provider.example
Subject: FW: News
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an abuse report.

--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Provider/1.0
Version: 1
Original-Mail-From: <{sender}>
Original-Rcpt-To: <{address}>

--b
Content-Type: message/rfc822

Subject: News

Hello
--b--
""".encode()


QMAIL = b"""\
From: MAILER-DAEMON@mx.example.net
Subject: failure notice

Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<alice@example.org>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 no such user
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.

Subject: News

Hello
"""

OUT_OF_OFFICE = b"""\
From: alice@example.org
Subject: Out of office
Auto-Submitted: auto-replied (vacation)

I am away. Your message could not be delivered to me. 550 5.1.1
<alice@example.org>
"""
