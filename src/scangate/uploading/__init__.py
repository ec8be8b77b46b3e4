"""GitHub code scanning takes a SARIF file: the upload, and what it says of it afterwards. Without codeql-action.

https://docs.github.com/en/rest/code-scanning/code-scanning#upload-an-analysis-as-sarif-data

destination.py  which repository, commit and ref; and the token
payload.py      the file as the API wants it
calls.py        a call to the API, tried again when it may help
upload.py       one file: sent, and waited for
"""

from scangate.uploading.calls import Patience
from scangate.uploading.environment import Destination, destination
from scangate.uploading.packing import Payload, payload
from scangate.uploading.sending import Answer, State, upload

__all__ = ["Answer", "Destination", "Patience", "Payload", "State", "destination", "payload", "upload"]
