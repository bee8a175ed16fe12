"""A foreign client: Python's confluent-kafka, Avro by fastavro, the registry's wire format. It shares no code with Carillon."""

import io
import json
import struct
import sys
import time
import urllib.request

import fastavro
from confluent_kafka import Producer

brokers, registry, topic, message_id, recipient = sys.argv[1:]
with urllib.request.urlopen(f"{registry}/subjects/{topic}-value/versions/latest", timeout=20) as answer:
    latest = json.load(answer)
schema = fastavro.parse_schema(json.loads(latest["schema"]))
record = {"id": message_id, "tenant": "python", "channel": "email", "to": recipient, "content": {"subject": "From Python", "text": "Hi"}}
body = io.BytesIO()
fastavro.schemaless_writer(body, schema, record)
failures = []
producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True})
producer.produce(
    topic,
    key=f"python:{recipient}",
    value=b"\x00" + struct.pack(">I", latest["id"]) + body.getvalue(),
    timestamp=int(time.time() * 1000),
    on_delivery=lambda error, _: failures.append(error) if error else None,
)
unsent = producer.flush(20)
sys.exit(f"not delivered: {failures or unsent}" if failures or unsent else 0)
