"""librdkafka by confluent-kafka. Arguments: brokers, topic. Input: a line a record: codec, key and value in base64."""

import base64
import sys

from confluent_kafka import Producer

brokers, topic = sys.argv[1:]
headers = [("none", None), ("empty", b""), ("twice", b"first"), ("twice", b"last"), ("huge", bytes(100_000))]
for line in sys.stdin:
    codec, key, value = line.split(" ")
    producer = Producer({"bootstrap.servers": brokers, "compression.type": codec})
    producer.produce(topic, key=base64.b64decode(key), value=base64.b64decode(value), headers=headers)
    if producer.flush(30):
        sys.exit(f"not delivered: {codec}")
