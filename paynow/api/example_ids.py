"""The ids that examples name; tests put real ones in their place."""

from __future__ import annotations

ITEM_ID = "bi_01m3x5c7kq2v9t4w8r6n0p1z2a"
CUSTOMER_ID = "bc_01m3x5d2hs7y3b5f9g8j6k4q1c"
ENROLLMENT_ID = "ts_01m3x5e8vn4r6t2w0z9x7c5b3a"
PROJECT_ID = "prj_01m3x5fb2k9m7p5s3v1y8d6g4h"
MILESTONE_ID = "ms_01m3x5gq6w4t2r0p8n6k4h2f0d"
REQUEST_ID = "rq_01m3x5jb8c0d2e4f6g8h1j3k5m"
CHARGE_ID = "sc_01m3x5hz9a7c5e3g1j8m6p4r2t"
INVOICE_ID = "inv_01m3x5hz9b8d6f4h2k0n7q5s3v"
REFUND_ID = "rf_01m3x5jc2d8f4h6k0n2q5s7v9x"
DISPUTE_ID = "dp_01m3x5kd3e9g5j7m1p3r6t8w0y"
SETUP_ID = "su_01m3x5ng5h1j7m9p3r6t0w2y4a"
SETUP_URL = "https://checkout.stripe.com/c/pay/cs_test_a1b2c3"
MADE = "2026-03-16T14:00:00Z"
