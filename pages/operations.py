"""Operations: is everything running, what was given up, what comes next, and a test mail."""

from __future__ import annotations

import streamlit as st

from billing_core.reports import operations, requests
from billing_core.reports.outside import to_look_at
from console import message_parts, operation_parts, outside_parts, request_parts, widgets

widgets.title("Operations")
if asked := requests.waiting():
    widgets.section("Waits for a second person")
    request_parts.waiting(asked)
if parked := operations.parked():
    widgets.section("News of the gateway that our rules refuse")
    message_parts.parked(parked)
if concerns := to_look_at():
    widgets.section("To look at")
    outside_parts.concerns(concerns)
operation_parts.findings()
outside_parts.books()
work = operations.jobs()
widgets.section("Given up")
if work.dead:
    operation_parts.dead(work.dead)
else:
    widgets.empty("Nothing was given up. What fails is tried again by itself first.")
widgets.section("To do")
if work.waiting:
    operation_parts.waiting(work.waiting)
else:
    widgets.empty("Nothing is to do.")
if decided := requests.decided():
    widgets.section("Requests that were decided")
    request_parts.decided(decided)
if told := operations.messages_in():
    with st.expander("Messages from the payment gateway"):
        message_parts.told(told)
widgets.section("Test mail")
operation_parts.test_mail()
