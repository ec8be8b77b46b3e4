"""The only room that speaks HTTP: deadlines, bounded retries, size caps, and SCANGATE_OFFLINE.

`get` and `post` are for documents, `download` for what is large. A `post` is repeated like the others, so it is for
calls that change nothing only. Redirects are followed here rather than by requests: a bounded number, never from https
to http, and never to anything but http and https. Proxies and CA files come from the environment (HTTPS_PROXY,
REQUESTS_CA_BUNDLE); TLS is always verified. With `socket` a call goes to a unix socket of this machine instead of the
network.

    answers.py     what comes back, and how long it may take
    calls.py       one call: its tries, and going on where a connection broke
    connection.py  one try: a thread, redirects, what is refused
    unix.py        the same over a unix socket
"""

from scangate.http.answers import HttpError, Limits, Response
from scangate.http.calls import MAX_BODY, download, get, post

__all__ = ["MAX_BODY", "HttpError", "Limits", "Response", "download", "get", "post"]
