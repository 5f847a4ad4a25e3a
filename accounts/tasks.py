from django.core.mail import EmailMessage, EmailMultiAlternatives
from django_tasks import task


@task(queue_name="mail")
def deliver_mail(
    *, subject: str, text: str, html: str, sender: str, to: list[str], headers: dict[str, str]
) -> None:
    message = EmailMultiAlternatives(subject, text, sender, to, headers=headers)
    if html:
        message.attach_alternative(html, "text/html")
    message.send()


def send_mail(message: EmailMessage) -> None:
    """Hands a message to the background worker, so that no page waits for a mail server."""
    alternatives = getattr(message, "alternatives", [])
    deliver_mail.enqueue(
        subject=str(message.subject),
        text=str(message.body),
        html=str(alternatives[0][0]) if alternatives else "",
        sender=message.from_email,
        to=list(message.to),
        headers=dict(message.extra_headers),
    )
