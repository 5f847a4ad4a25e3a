"""The pages below `/accounts/` that are our own; allauth adds the others under the same prefix."""

from allauth.account.views import password_set
from allauth.mfa.base.views import index as second_factors
from allauth.mfa.recovery_codes.views import download_recovery_codes, view_recovery_codes
from allauth.mfa.totp.views import activate_totp
from django.urls import path, reverse

from accounts.downloads import download_from
from accounts.enrolment import leading_on, one_app, one_at_a_time, owner_first
from accounts.reauthentication import fresh_log_in_required
from accounts.views import (
    code_again,
    enrolment,
    form_recovery,
    linked_addresses,
    log_in_code,
    log_in_queue,
    reset,
    sessions,
    signup,
)
from accounts.views import (
    downloads as download_views,
)
from accounts.views.address import ChangeAddress, ConfirmAddress
from accounts.views.code_again import ReauthenticateByCode
from accounts.views.passkeys import AddPasskey

urlpatterns = [
    path("signup/", signup.SignUp.as_view(), name="account_signup"),
    path("signup/code/", signup.confirm_signup, name="confirm-signup"),
    path("signup/code/resend/", signup.resend_signup_code, name="resend-signup-code"),
    path("signup/address/", signup.change_signup_address, name="change-signup-address"),
    path("login/code/", log_in_code.request_log_in_code, name="request-log-in-code"),
    path("login/code/confirm/", log_in_code.confirm_log_in_code, name="confirm-log-in-code"),
    path("login/code/resend/", log_in_code.resend_log_in_code, name="resend-log-in-code"),
    path("login/lane/", log_in_queue.log_in_queue, name="log-in-queue"),
    path("reauthenticate/code/", ReauthenticateByCode.as_view(), name="reauthenticate-by-code"),
    path("reauthenticate/code/send/", code_again.send_code_again, name="send-code-again"),
    # allauth asks for nothing there.
    path("password/set/", fresh_log_in_required(password_set), name="account_set_password"),
    path("confirm-email/", ConfirmAddress.as_view(), name="account_email_verification_sent"),
    # Otherwise a change of the email address would bypass the check: the code would go to the new one.
    path("email/", owner_first(ChangeAddress.as_view(), only="staff"), name="account_email"),
    path("linked-addresses/<row:linked_id>/remove/", linked_addresses.unlink, name="unlink-address"),
    path("2fa/", leading_on(second_factors), name="mfa_index"),
    path("2fa/confirm/", enrolment.confirm_enrolment, name="confirm-enrolment"),
    path("2fa/confirm/send/", enrolment.send_enrolment_code, name="send-enrolment-code"),
    path("2fa/totp/activate/", owner_first(one_at_a_time(one_app(activate_totp))), name="mfa_activate_totp"),
    path("2fa/webauthn/add/", owner_first(one_at_a_time(AddPasskey.as_view())), name="mfa_add_webauthn"),
    path(
        "2fa/recovery-codes/",
        leading_on(one_at_a_time(view_recovery_codes)),
        name="mfa_view_recovery_codes",
    ),
    path(
        "2fa/recovery-codes/download/",
        download_from(lambda *_: reverse("mfa_view_recovery_codes"))(one_at_a_time(download_recovery_codes)),
        name="mfa_download_recovery_codes",
    ),
    path("download/", download_views.download, name="download"),
    path("unsent/", form_recovery.recover_form, name="recover-form"),
    path("sessions/", sessions.sessions, name="usersessions_list"),
    path("sessions/<int:session_id>/end/", sessions.end_session, name="end-session"),
    path("sessions/end-others/", sessions.end_other_sessions, name="end-other-sessions"),
    path("password/reset/", reset.reset_password, name="account_reset_password"),
    path("password/reset/confirm/", reset.confirm_reset, name="account_confirm_password_reset_code"),
    path("password/reset/complete/", reset.CompleteReset.as_view(), name="account_complete_password_reset"),
    path("password/reset/resend/", reset.resend_reset_code, name="resend-reset-code"),
]
