package io.rejoin.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Topics;
import io.rejoin.kafka.KafkaAccess;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code infra/rejoinctl tail}: prints the newest records of a topic. */
@Command(name = "tail", description = {
        "Prints the newest records of a topic, oldest first: log time, partition@offset, key, headers and",
        "value. Prints binary records as JSON.",
        "Caution: commands and events contain what users write."})
final class TailCommand extends KafkaCommand {
    /** The order of log time. Partitions have no other order among them. */
    private static final Comparator<ConsumerRecord<byte[], byte[]>> ORDER = Comparator
            .<ConsumerRecord<byte[], byte[]>>comparingLong(ConsumerRecord::timestamp)
            .thenComparingInt(ConsumerRecord::partition).thenComparingLong(ConsumerRecord::offset);
    private static final int MAX = 100_000;

    @Parameters(paramLabel = "TOPIC", description = "commands, events, state, edges or dead-letters")
    private String topic = "";

    @Option(names = "--last", paramLabel = "N", defaultValue = "10", description = "Prints the newest N records; up to "
            + MAX
            + ". Default: ${DEFAULT-VALUE}")
    private int last;

    @Option(names = "--since", paramLabel = "TIME", description = "Only records from this time on, for example 2026-11-24T00:00:00Z")
    private @Nullable Instant since;

    @Option(names = "--room", paramLabel = "ROOM", description = "Only records of this room: lobby, or tenant/lobby. Works with commands and events")
    private @Nullable String room;

    @Option(names = {"-f", "--follow"}, description = "Prints new records, too, until Ctrl-C")
    private boolean follow;

    @Mixin
    private final OutputFormat form = new OutputFormat();

    private final PriorityQueue<ConsumerRecord<byte[], byte[]>> newest = new PriorityQueue<>(ORDER);

    TailCommand(KafkaAccess kafka) {
        super(kafka);
    }

    @Override
    public Integer call() {
        if (last < 0 || last > MAX) throw wrong("--last must be from 0 to " + MAX);
        var name = name();
        var key = room == null ? null : key(room);
        try (var records = open(name, key)) {
            if (since != null) records.since(since);
            else if (key == null) records.fromLast(last);
            else
                records.fromBeginning(); // the newest records of one room may be anywhere in the log
            records.readAll(new Progress(err(), "records of " + name),
                    record -> keep(record, key));
            show();
            while (follow) records.readNext(record -> {
                if (isOf(record, key)) show(record);
            });
        }
        return 0;
    }

    private String name() {
        var topics = kafka.topics();
        var names = Map.of("commands", topics.commands(), "events", topics.events(), "state", topics.state(), "edges",
                topics.edges(), "dead-letters", topics.deadLetters());
        var name = names.getOrDefault(topic, names.containsValue(topic) ? topic : null);
        if (name == null)
            throw wrong("Rejoin has no topic " + topic + ": use commands, events, state, edges or dead-letters");
        if (room != null && !List.of(topics.commands(), topics.events()).contains(name))
            throw wrong("--room works only with commands and events");
        return name;
    }

    private String key(String text) {
        try {
            return (text.contains("/") ? RoomId.of(text) : new RoomId("default", text)).key();
        } catch (IllegalArgumentException e) {
            throw wrong("--room: " + e.getMessage());
        }
    }

    /** Opens all partitions, or only the one of a room. */
    private TopicReader open(String name, @Nullable String key) {
        if (key == null) return new TopicReader(kafka, name);
        try (var all = new TopicReader(kafka, name)) {
            return new TopicReader(kafka, name, Topics.partition(RoomId.of(key), all.count()));
        }
    }

    private void keep(ConsumerRecord<byte[], byte[]> record, @Nullable String key) {
        if (!isOf(record, key)) return;
        newest.add(record);
        if (newest.size() > last) newest.remove();
    }

    private static boolean isOf(ConsumerRecord<byte[], byte[]> record, @Nullable String key) {
        return key == null || (record.key() != null && key.equals(new String(record.key(), UTF_8)));
    }

    private void show() {
        while (!newest.isEmpty()) show(newest.remove());
    }

    private void show(ConsumerRecord<byte[], byte[]> record) {
        var out = out();
        if (form.isJson()) out.println(object(record));
        else
            show(record, out);
    }

    private static void show(ConsumerRecord<byte[], byte[]> record, PrintWriter out) {
        var line = new StringBuilder();
        line.append(Instant.ofEpochMilli(record.timestamp())).append("  ").append(record.partition()).append('@')
                .append(record.offset()).append("  ").append(TerminalText.line(record.key()));
        for (var header : record.headers())
            line.append("  ").append(TerminalText.line(header.key())).append('=')
                    .append(TerminalText.line(header.value()));
        out.println(line.append("  ").append(TerminalText.line(ReadableValue.of(record.value()))));
    }

    /**
     * Formats a record as a JSON object. A value that is JSON or a binary record of ours is JSON under {@code value}.
     * Other bytes are Base64 under {@code base64}.
     */
    private static String object(ConsumerRecord<byte[], byte[]> record) {
        var object = Json.MAPPER.createObjectNode().put("topic", record.topic()).put("partition", record.partition())
                .put("offset", record.offset()).put("time", Instant.ofEpochMilli(record.timestamp()).toString());
        object.put("key", record.key() == null ? null : new String(record.key(), UTF_8));
        var headers = object.putObject("headers");
        for (var header : record.headers())
            headers.put(header.key(), header.value() == null ? null : new String(header.value(), UTF_8));
        putValue(object, ReadableValue.of(record.value()));
        return object.toString();
    }

    private static void putValue(ObjectNode object, byte @Nullable [] value) {
        if (value == null) {
            object.putNull("value");
            return;
        }
        try {
            object.set("value", Json.MAPPER.readTree(new String(value, UTF_8)));
        } catch (JacksonException _) {
            object.put("base64", Base64.getEncoder().encodeToString(value));
        }
    }
}
