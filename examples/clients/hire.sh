#!/bin/sh
# Adds an employee once, however often it must be asked, then reads it from a replica.
# Usage: hire.sh [URL] [NAME]
url=${1:-http://127.0.0.1:4000/graphql}
name=${2:-Ada Lovelace}
key=$(cat /proc/sys/kernel/random/uuid)

# ask JSON: prints the answer; asks again, with the same key, while there is none or it says that one may.
ask() {
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    answer=$(curl -sS --max-time 15 "$url" -H 'content-type: application/json' -H "idempotency-key: $key" -d "$1") &&
      case $answer in
        *'"retryable":true'*) ;;
        *'"errors":'*) printf '%s\n' "$answer" >&2; return 1 ;;
        *'"data":'*) printf '%s\n' "$answer"; return 0 ;;
      esac
    sleep 1
  done
  printf 'No answer after %s attempts: %s\n' "$attempt" "$answer" >&2
  return 1
}

hired=$(ask '{
  "query": "mutation ($input: AddEmployeeInput!) { addEmployee(input: $input) { employee { id } bookmark } }",
  "variables": {"input": {"name": "'"$name"'", "position": "Engineer", "salary": 6000}}
}') || exit 1
id=$(printf '%s' "$hired" | sed 's/.*"id":"\([0-9]*\)".*/\1/')
bookmark=$(printf '%s' "$hired" | sed 's/.*"bookmark":"\([^"]*\)".*/\1/')

ask '{
  "query": "query ($id: ID!, $read: ReadOptions) { employee(id: $id, read: $read) { id name } }",
  "variables": {"id": "'"$id"'", "read": {"consistency": "REPLICA", "bookmark": "'"$bookmark"'"}}
}'
