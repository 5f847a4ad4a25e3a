from django.urls import include, path

from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from voting.elections import ballot_views, roll_views, views
from voting.elections import receipt_views as receipts
from voting.home import views as home

urlpatterns = [
    # Tried in this order, and a room opens the ballot and votes at once.
    path("conferences/<slug:slug>/ballot/", ballot_views.ballot, name="ballot"),
    path("conferences/<slug:slug>/vote/", ballot_views.cast_vote, name="cast-vote"),
    path("", include("voting.campaigns.urls")),
    path("", include("voting.elections.sharing.urls")),
    path("", include("voting.elections.moderation.urls")),
    path("how-the-vote-works/", receipts.how_the_vote_works, name="how-the-vote-works"),
    path("me/", home.me, name="me"),
    path("conferences/<slug:slug>/leave/", views.leave_conference, name="leave-conference"),
    path("conferences/<slug:slug>/members/listed/", views.set_listed, name="set-listed"),
    path("conferences/<slug:slug>/members/<row:member_id>/", views.member, name="member"),
    path("conferences/<slug:slug>/vote/withdraw/", ballot_views.withdraw_vote, name="withdraw-vote"),
    path("conferences/<slug:slug>/pitch/", views.pitch, name="pitch"),
    path("conferences/<slug:slug>/roll/", roll_views.electoral_roll, name="electoral-roll"),
    path("conferences/<slug:slug>/roll/roll.csv", roll_views.electoral_roll_csv, name="electoral-roll-csv"),
    path("conferences/<slug:slug>/results/", views.results, name="results"),
    path("conferences/<slug:slug>/results/answer/", views.answer_decision, name="answer-decision"),
    path("conferences/<slug:slug>/results/step-down/", views.step_down, name="step-down"),
    path("conferences/<slug:slug>/results/ballots.csv", receipts.ballots_csv, name="ballots-csv"),
    path("conferences/<slug:slug>/results/result.json", receipts.result_json, name="result-json"),
    path("conferences/<slug:slug>/results/verify.py", receipts.verify_py, name="verify-py"),
    path("conferences/<slug:slug>/results/voters/", receipts.who_voted, name="who-voted"),
    path("conferences/<slug:slug>/results/receipt/", receipts.verify_receipt, name="verify-receipt"),
    path("conferences/<slug:slug>/vote/receipt/", receipts.receipt, name="receipt"),
    path("conferences/<slug:slug>/vote/receipt.json", receipts.receipt_json, name="receipt-json"),
]
