package carillon.bench;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The delivery pipeline on Kafka Streams: the same hops, the same Avro records, the same lineage events, and its own
 * state stores (RocksDB with changelogs) for what Carillon keeps in Redis: requests seen, claims, final decisions.
 * Arguments: broker, prefix, guarantee (at_least_once, exactly_once_v2), threads, folder of the schemas.
 */
public final class StreamsPipeline {
  private static final class Codec {
    private final Schema schema;
    private final GenericDatumReader<GenericRecord> reader;
    private final GenericDatumWriter<GenericRecord> writer;
    private BinaryDecoder decoder;
    private BinaryEncoder encoder;

    Codec(Path folder, String name) {
      try {
        schema = new Schema.Parser().parse(new File(folder.toFile(), name + ".avsc"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      reader = new GenericDatumReader<>(schema);
      writer = new GenericDatumWriter<>(schema);
    }

    GenericRecord decode(byte[] bytes) {
      try {
        decoder = DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, decoder);
        return reader.read(null, decoder);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    byte[] encode(GenericRecord value) {
      try {
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(1).array());
        encoder = EncoderFactory.get().binaryEncoder(out, encoder);
        writer.write(value, encoder);
        encoder.flush();
        return out.toByteArray();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    Object symbol(String field, Object value) {
      return value == null ? null : GenericData.get().createEnum(value.toString(), enumOf(schema.getField(field).schema()));
    }

    private static Schema enumOf(Schema schema) {
      return schema.isUnion() ? schema.getTypes().stream().filter(t -> t.getType() == Schema.Type.ENUM).findFirst().orElseThrow() : schema;
    }
  }

  private abstract static class Step implements Processor<String, byte[], String, byte[]> {
    private final Path schemas;
    private final String storeName;
    ProcessorContext<String, byte[]> context;
    KeyValueStore<String, String> store;
    Codec lineage;
    private Schema stepSchema;
    private GenericRecord event;
    private List<GenericRecord> also;

    Step(Path schemas, String storeName) {
      this.schemas = schemas;
      this.storeName = storeName;
    }

    Codec codec(String name) {
      return new Codec(schemas, name);
    }

    @Override
    public void init(ProcessorContext<String, byte[]> given) {
      context = given;
      store = given.getStateStore(storeName);
      lineage = codec("lineage-event");
      stepSchema = lineage.schema.getField("also").schema().getElementType();
    }

    /** A record's first step makes the event, the others go into it; `told` sends it. */
    void tell(Object id, GenericRecord of, String stage, String outcome, String status, int attempt, String to) {
      boolean first = event == null;
      GenericRecord step = new GenericData.Record(first ? lineage.schema : stepSchema);
      step.put("eventId", id + ":" + stage + ":" + attempt + ":" + outcome);
      step.put("stage", lineage.symbol("stage", stage));
      step.put("outcome", outcome);
      step.put("status", lineage.symbol("status", status));
      step.put("attempt", attempt);
      step.put("at", System.currentTimeMillis());
      step.put("to", to);
      step.put("details", Map.of());
      if (!first) {
        also.add(step);
        return;
      }
      event = step;
      also = new ArrayList<>();
      event.put("messageId", id);
      for (String field : List.of("tenant", "channel", "lane")) event.put(field, of.get(field) == null ? "" : of.get(field).toString());
      event.put("instance", "streams");
      event.put("also", also);
    }

    void told(Object id) {
      context.forward(new Record<>(id.toString(), lineage.encode(event), System.currentTimeMillis()), "lineage");
      event = null;
    }
  }

  private static final class Intake extends Step {
    private Codec requests;
    private Codec commands;

    Intake(Path schemas) {
      super(schemas, "requests-seen");
    }

    @Override
    public void init(ProcessorContext<String, byte[]> given) {
      super.init(given);
      requests = codec("message-requested");
      commands = codec("dispatch-command");
    }

    @Override
    public void process(Record<String, byte[]> record) {
      GenericRecord request = requests.decode(record.value());
      Object id = request.get("id");
      if (store.putIfAbsent(id.toString(), "seen") != null) return;
      tell(id, request, "accept", "accepted", "accepted", 0, request.get("to").toString());
      GenericRecord content = (GenericRecord) request.get("content");
      if (request.get("to").toString().isEmpty() || content.get("text") == null) {
        told(id);
        return;
      }
      tell(id, request, "validate", "ok", "validated", 0, null);
      GenericRecord command = new GenericData.Record(commands.schema);
      for (Schema.Field field : commands.schema.getFields()) {
        Schema.Field source = request.getSchema().getField(field.name());
        Object otherwise = field.hasDefaultValue() ? GenericData.get().getDefaultValue(field) : null;
        command.put(field.name(), source != null ? request.get(field.name()) : otherwise);
      }
      GenericRecord copied = new GenericData.Record(commands.schema.getField("content").schema());
      for (Schema.Field field : copied.getSchema().getFields()) copied.put(field.name(), content.get(field.name()));
      command.put("content", copied);
      command.put("messageId", id);
      command.put("channel", commands.symbol("channel", request.get("channel")));
      command.put("lane", commands.symbol("lane", request.get("lane")));
      command.put("attempt", 1);
      command.put("segments", 0);
      command.put("expiresAt", System.currentTimeMillis() + 86_400_000L);
      tell(id, request, "enrich", "ok", "enriched", 0, null);
      tell(id, request, "route", "ok", "queued", 0, null);
      told(id);
      context.forward(new Record<>(record.key(), commands.encode(command), record.timestamp()), "dispatch");
    }
  }

  private static final class Dispatch extends Step {
    private Codec commands;
    private Codec feedbacks;
    private KeyValueStore<String, String> finals;

    Dispatch(Path schemas) {
      super(schemas, "claims");
    }

    @Override
    public void init(ProcessorContext<String, byte[]> given) {
      super.init(given);
      finals = given.getStateStore("final");
      commands = codec("dispatch-command");
      feedbacks = codec("delivery-feedback");
    }

    @Override
    public void process(Record<String, byte[]> record) {
      GenericRecord command = commands.decode(record.value());
      Object id = command.get("messageId");
      if (store.putIfAbsent(id + ":1", "claimed") != null) return;
      store.put(id + ":1", "delivered"); // the provider answers at once
      tell(id, command, "dispatch", "ok", "dispatched", 1, null);
      boolean isFirst = finals.putIfAbsent(id.toString(), "delivered") == null;
      if (isFirst) tell(id, command, "feedback", "delivered", "delivered", 1, null);
      told(id);
      if (!isFirst) return;
      GenericRecord feedback = new GenericData.Record(feedbacks.schema);
      feedback.put("feedbackId", id + ":delivered");
      feedback.put("messageId", id);
      for (String field : List.of("tenant", "channel", "lane")) feedback.put(field, command.get(field).toString());
      feedback.put("kind", feedbacks.symbol("kind", "final"));
      feedback.put("status", "delivered");
      feedback.put("attempt", 1);
      feedback.put("provider", "instant");
      feedback.put("providerMessageId", id);
      feedback.put("metadata", Map.of());
      feedback.put("at", System.currentTimeMillis());
      context.forward(new Record<>(feedback.get("tenant").toString(), feedbacks.encode(feedback), record.timestamp()), "feedback");
    }
  }

  private static StoreBuilder<KeyValueStore<String, String>> store(String name) {
    return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), Serdes.String(), Serdes.String());
  }

  public static void main(String[] args) {
    String broker = args[0];
    String prefix = args[1];
    Path schemas = Path.of(args[4]);
    Topology topology = new Topology();
    List<Map.Entry<String, ProcessorSupplier<String, byte[], String, byte[]>>> steps = List.of(
        Map.entry("intake", () -> new Intake(schemas)),
        Map.entry("dispatching", () -> new Dispatch(schemas)));
    String[] inputs = {"requests.normal", "dispatch.push.normal"};
    String[] outputs = {"dispatch", "feedback"};
    String[] outputTopics = {"dispatch.push.normal", "feedback"};
    String[] stores = {"requests-seen", "claims"};
    String[] names = new String[2];
    for (int i = 0; i < 2; i++) {
      names[i] = steps.get(i).getKey();
      topology.addSource("from-" + inputs[i], Serdes.String().deserializer(), Serdes.ByteArray().deserializer(), prefix + "." + inputs[i]);
      topology.addProcessor(names[i], steps.get(i).getValue(), "from-" + inputs[i]);
      topology.addStateStore(store(stores[i]), names[i]);
      topology.addSink(outputs[i], prefix + "." + outputTopics[i], Serdes.String().serializer(), Serdes.ByteArray().serializer(), names[i]);
    }
    topology.addStateStore(store("final"), names[1]);
    topology.addSink("lineage", prefix + ".lineage", Serdes.String().serializer(), Serdes.ByteArray().serializer(), names);

    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, prefix + "-streams");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, broker);
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, args[2]);
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, args[3]);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, System.getProperty("java.io.tmpdir") + "/" + prefix);
    properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, "1");
    properties.put(StreamsConfig.producerPrefix("acks"), "all");
    properties.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    KafkaStreams streams = new KafkaStreams(topology, properties);
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      return org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      streams.close();
      streams.cleanUp();
    }));
    streams.start();
    System.out.println("{\"ready\":true}");
  }
}
