"""moto's server, which refuses calls of a service that speaks JSON in JSON, as AWS does; by itself it does so in XML."""

import json

from moto.core.responses import BaseResponse
from moto.server import main
from werkzeug.exceptions import HTTPException

judge = BaseResponse._authenticate_and_authorize_normal_action


def judge_in_its_own_words(self, *arguments):
    try:
        judge(self, *arguments)
    except HTTPException as refusal:
        if "X-Amz-Target" in self.headers:
            refusal.description = json.dumps({"__type": f"{refusal.error_type}Exception", "Message": refusal.message})
        raise


BaseResponse._authenticate_and_authorize_normal_action = judge_in_its_own_words
main()
