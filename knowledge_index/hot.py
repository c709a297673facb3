"""The frequent questions shown before anyone has asked: the order until real counts exist."""

CITIZEN = (
    "medical.remote-filing", "hrss.unemployment-benefit", "police.hukou-newborn", "fund.withdraw-rent",
    "hrss.social-card-replace", "police.idcard-renew", "medical.resident-enroll", "land.property-transfer",
    "hrss.wage-arrears", "tax.iit-settlement", "hotline.dual-numbers", "police.residence-permit",
    "fund.loan-condition", "hrss.pension-certification", "medical.maternity-allowance", "civil.subsistence",
    "edu.primary-enroll", "civil.marriage-register", "police.license-renew", "hotline.progress-urge",
)  # fmt: skip

ENTERPRISE = (
    "hotline.yiqilai-what-is", "data.company-setup", "hrss.stable-job-refund", "tax.small-profit-cit",
    "tax.e-invoice", "hrss.employer-registration", "data.policy-apply", "market.annual-report",
    "tax.small-scale-vat", "hotline.yiqilai-complaint", "data.simple-deregister", "hrss.job-expansion-subsidy",
    "industry.sme-arrears", "ndrc.credit-repair", "data.individual-business", "market.abnormal-remove",
    "science.hightech-cert", "jrb.financing-guarantee", "tax.rd-deduction", "finance.procurement-join",
)  # fmt: skip


def curated(audience: str | None) -> tuple[str, ...]:
    """Topic ids, the most asked first; without an audience the two lists alternate."""
    if audience == "citizen":
        return CITIZEN
    if audience == "enterprise":
        return ENTERPRISE
    return tuple(topic for pair in zip(CITIZEN, ENTERPRISE, strict=True) for topic in pair)
