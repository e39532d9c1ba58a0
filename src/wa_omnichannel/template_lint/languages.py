"""Languages in which WhatsApp takes templates.

Source: Meta, "Supported languages" (2026-05). The list grows without notice, so a code that is not on it is
worth a warning, never a refusal.
"""

from __future__ import annotations

VERIFIED = frozenset(
    """
    af ar ar_AE ar_EG ar_LB ar_MA ar_QA az be_BY bg bn bn_IN ca cs da de de_AT de_CH el en en_AE en_AU en_CA
    en_GB en_GH en_IE en_IN en_JM en_MY en_NZ en_QA en_SG en_UG en_US en_ZA es es_AR es_CL es_CO es_ES es_MX
    es_PE es_VE et fa fi fil fr fr_BE fr_CA fr_CH fr_CI fr_MA ga gu ha he hi hr hu id it ja ka kk kn ko ky_KG
    lo lt lv mk ml mr ms nb nl nl_BE pa pl prs_AF pt_BR pt_PT ro ru rw_RW sk sl sq sr sv sw ta te th tr uk ur
    uz vi zh_CN zh_HK zh_TW zu
    """.split()  # noqa: SIM905 - 104 codes read better in lines
)
"""Codes on the list; case and underscore matter."""

UNVERIFIED = frozenset("ar_SA es_CR es_DO es_EC es_HN es_PA es_UY ps_AF si_LK".split())  # noqa: SIM905 - as above
"""Codes that others use but that the list does not show."""
