"""The planned traits of users, accounts and other groups."""

from tests.oracle.inputs import CompanyInputs, Row, own_or_default

USER, ACCOUNT, OTHERS = "user", "account", "*"


def planned_traits(inputs: CompanyInputs, entity: str) -> dict[str, Row]:
    """By trait; a type of groups has the traits of all others beside its own."""
    rows = own_or_default(inputs.seeds["trait_plan"], inputs.company_id, "entity", "trait")
    found = {row["trait"]: row for row in rows if row["entity"] == entity}
    if entity in (USER, ACCOUNT):
        return found
    return {row["trait"]: row for row in rows if row["entity"] == OTHERS} | found
