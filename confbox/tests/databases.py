"""Which tests `make test` runs on one of the two databases only.

A test that opens pages, or asks the API, inside a transaction is run on SQLite alone: what is shown follows
from rows, which both databases return alike. That they do is the subject of all other tests, which run on
both: verbs, queries, constraints, races. MariaDB also gets every page and operation in every role and every
form, from the walks (`any_database`, `test_every_form_twice`).
"""

import inspect
import os
import shutil

TRANSACTIONAL = {"transactional_db", "live_server", "django_db_serialized_rollback"}
# These open pages with browsers of their own making, which no fixture shows.
OF_PAGES = {
    "test_address_panels",
    "test_consent_pages",
    "test_copy_pages",
    "test_log_in_code",
    "test_log_in_with_provider",
    "test_merge_links",
    "test_pictures",
    "test_rehearsal_doors",
    "test_series_of_conferences",
    "test_timetable_page",
    "test_words_of_the_audit_log",
}
OF_API = "confbox.tests.api."
# Pages and operations show here what a database decides: which letters are alike and in which order, what
# fits into a column, when something was, who is counted or locked, how many rows are read.
OF_DATABASES = {
    "test_bad_inputs",
    "test_ballot_order",
    "test_change_address",
    "test_clock_changes",
    "test_closed_count",
    "test_conditions",
    "test_database_clock",
    "test_decide_speaker",
    "test_delete_account",
    "test_delete_account_campaigns",
    "test_delete_conference",
    "test_electoral_roll",
    "test_email_limits",
    "test_entitled",
    "test_export_my_data",
    "test_faults_of_the_original",
    "test_form_recovery",
    "test_greedy_texts",
    "test_import_moves",
    "test_join_by_code",
    "test_kept_ballot",
    "test_leave_conference",
    "test_limit_pages",
    "test_limits",
    "test_linked_addresses",
    "test_list_of_conferences",
    "test_live_tally",
    "test_log_in",
    "test_long_lists",
    "test_long_reasons",
    "test_lost_updates",
    "test_member_counts",
    "test_members_in_order",
    "test_merge_conferences",
    "test_merge_open_votes",
    "test_namesakes",
    "test_on_redis",
    "test_one_account_per_mailbox",
    "test_outage",
    "test_place_on_the_ballot",
    "test_privacy",
    "test_queries",
    "test_queries_of_teams",
    "test_query_budgets",
    "test_request_campaign",
    "test_reset_password",
    "test_retention",
    "test_revoke_decision",
    "test_roll_of_roster",
    "test_roster_pages",
    "test_save_pitch",
    "test_search",
    "test_second_factor",
    "test_second_factor_twice",
    "test_session_limits",
    "test_sign_up",
    "test_sign_up_limits",
    "test_spelling_of_addresses",
    "test_strict_types",
    "test_suspended_forms",
    "test_throttle",
    "test_tickets",
    "test_void_votes",
    "test_webhooks_of_gone_conferences",
    "test_what_a_member_can_do",
    "test_who_voted",
    "test_window",
    "test_withdraw_vote",
}


def copy_migrated(folder):
    """Puts a copy of MIGRATED_SQLITE there, if that is set; `migrate` then has little to do."""
    if path := os.environ.get("MIGRATED_SQLITE"):
        folder.mkdir(exist_ok=True)
        shutil.copyfile(path, folder / "confbox.sqlite3")


def is_of_a_page(item):
    module = item.module.__name__.rpartition(".")[2]
    if module in OF_DATABASES or is_transactional(item) or asks_the_connection(item.function):
        return False
    is_of_api = item.module.__name__.startswith(OF_API)
    return is_of_api or "client" in item.fixturenames or module in OF_PAGES


def is_transactional(item):
    mark = item.get_closest_marker("django_db")
    return bool(TRANSACTIONAL.intersection(item.fixturenames) or (mark and (mark.args or mark.kwargs)))


def asks_the_connection(function):
    """Such a test counts statements, reads a plan, or asks which database this is."""
    return "connection" in inspect.unwrap(function).__code__.co_names
