package carillon.bench;

import io.confluent.parallelconsumer.ParallelConsumerOptions;
import io.confluent.parallelconsumer.ParallelStreamProcessor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Confluent's Parallel Consumer, in order per key. Each record's value says how many milliseconds of work it takes.
 * Arguments: broker, group, topic, records, concurrency.
 */
public final class KeyedParallelConsumer {
  public static void main(String[] args) {
    long records = Long.parseLong(args[3]);
    KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
        Map.of("bootstrap.servers", args[0], "group.id", args[1], "auto.offset.reset", "earliest", "enable.auto.commit", "false"),
        new StringDeserializer(),
        new StringDeserializer());
    ParallelConsumerOptions<String, String> options = ParallelConsumerOptions.<String, String>builder()
        .ordering(ParallelConsumerOptions.ProcessingOrder.KEY)
        .maxConcurrency(Integer.parseInt(args[4]))
        .consumer(consumer)
        .build();
    ParallelStreamProcessor<String, String> processor = ParallelStreamProcessor.createEosStreamProcessor(options);
    processor.subscribe(List.of(args[2]));
    AtomicLong done = new AtomicLong();
    AtomicLong firstAt = new AtomicLong();
    System.out.println("{\"ready\":true}");
    processor.poll(context -> {
      firstAt.compareAndSet(0, System.nanoTime());
      try {
        Thread.sleep(Long.parseLong(context.getSingleConsumerRecord().value()));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      if (done.incrementAndGet() == records) System.out.println("{\"ms\":" + (System.nanoTime() - firstAt.get()) / 1_000_000 + "}");
    });
  }
}
