#!/bin/sh
# Registers the namespace and the search attributes of the product. Safe to repeat. TEMPORAL_ADDRESS names the server.
set -eu

attempts=60
until temporal operator cluster health >/dev/null 2>&1; do
  attempts=$((attempts - 1))
  if [ "$attempts" -eq 0 ]; then
    echo "Temporal at $TEMPORAL_ADDRESS is not healthy after two minutes" >&2
    exit 1
  fi
  sleep 2
done

# Three days of history: the rows in Postgres are the record, histories are for diagnosis.
temporal operator namespace describe --namespace "$NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$NAMESPACE" --retention 72h

for attribute in OrgId Subject; do
  attempts=30
  # A new namespace takes some seconds until every part of the server knows it.
  until temporal operator search-attribute create --namespace "$NAMESPACE" --name "$attribute" --type Keyword; do
    attempts=$((attempts - 1))
    if [ "$attempts" -eq 0 ]; then
      echo "The search attribute $attribute could not be registered in $NAMESPACE" >&2
      exit 1
    fi
    sleep 2
  done
done
