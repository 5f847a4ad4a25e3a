from django.db import migrations, models


class Migration(migrations.Migration):
    """Only the choices; the column stays as it is."""

    dependencies = [
        ("conferences", "0028_webhooks"),
    ]

    operations = [
        migrations.AlterField(
            model_name="webhookendpoint",
            name="switched_off_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("by_hand", "A person of the team switched it off."),
                    ("failing", "It accepted nothing for five days."),
                    ("gone", "It answered that it is gone (410)."),
                    ("merged", "Its conference was merged into this one."),
                ],
                default="",
                max_length=8,
            ),
        ),
    ]
