#!/bin/sh
# Asks with the token in a file. On the command line every user of this machine could read it.
# Usage: with-token.sh TOKEN_FILE [URL]
url=${2:-http://127.0.0.1:4000/graphql}
printf 'authorization: Bearer %s\n' "$(cat "$1")" |
  curl -sS --max-time 15 "$url" -H @- -H 'content-type: application/json' \
    -d '{"query": "{ employee(id: \"1\") { name } }"}'
