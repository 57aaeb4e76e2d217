"""Reads a list of {secret, headers, body} (body: base64) from stdin and says of each whether standardwebhooks verifies it, or why not."""

import base64
import importlib.metadata
import json
import platform
import sys

from standardwebhooks import Webhook, WebhookVerificationError


def judge(case: dict) -> dict:
    try:
        data = Webhook(case["secret"]).verify(base64.b64decode(case["body"]), case["headers"])
    except WebhookVerificationError as error:
        return {"accepted": False, "reason": str(error)}
    return {"accepted": True, "data": data}


json.dump(
    {
        "python": platform.python_version(),
        "standardwebhooks": importlib.metadata.version("standardwebhooks"),
        "outcomes": [judge(case) for case in json.load(sys.stdin)],
    },
    sys.stdout,
)
