import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Scanner;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Apache Kafka's own client. Arguments: brokers, topic. Input: a line a record: codec, key and value in base64. */
public final class Producer {
  public static void main(String[] args) throws Exception {
    Map<String, KafkaProducer<byte[], byte[]>> producers = new LinkedHashMap<>();
    Scanner lines = new Scanner(System.in);
    while (lines.hasNextLine()) {
      String[] parts = lines.nextLine().split(" ");
      KafkaProducer<byte[], byte[]> producer = producers.computeIfAbsent(parts[0], codec -> open(args[0], codec));
      byte[] value = Base64.getDecoder().decode(parts[2]);
      ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(args[1], Base64.getDecoder().decode(parts[1]), value);
      record.headers().add("none", null).add("empty", new byte[0]);
      record.headers().add("twice", "first".getBytes()).add("twice", "last".getBytes()).add("huge", new byte[100_000]);
      producer.send(record).get();
    }
    producers.values().forEach(KafkaProducer::close);
  }

  private static KafkaProducer<byte[], byte[]> open(String brokers, String codec) {
    Map<String, Object> options = Map.of("bootstrap.servers", brokers, "compression.type", codec);
    return new KafkaProducer<>(options, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
