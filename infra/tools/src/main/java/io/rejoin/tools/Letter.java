package io.rejoin.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.Topics;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * A record of {@code rejoin.dead-letters}. Anything may stand in it: its original was put aside because it could not be used,
 * and may have had headers of these names itself. The last one of a name is the one that was added when it was put aside.
 */
record Letter(ConsumerRecord<byte[], byte[]> record) {
    private static final String OURS = "rejoin-";
    /** Whence edges say that deliveries came, which stand in no topic; before them come those of versions that had one. */
    private static final Pattern ROUTER = Pattern.compile("router .*|.*rejoin\\.deliveries-[0-9]+@[0-9]+");

    long offset() {
        return record.offset();
    }

    /** Empty when the header is missing or has another form: then it was not put aside by a service of ours. */
    Optional<Origin> origin() {
        return header(Topics.DEAD_LETTER_FROM).flatMap(Origin::of)
                .map(origin -> header(Topics.DEAD_LETTER_INDEX).map(origin::at).orElse(origin));
    }

    /** Whence it came, for people: where its original stood, or the router that an edge had it from. */
    Optional<String> from() {
        var from = header(Topics.DEAD_LETTER_FROM);
        return origin().map(Origin::text).or(() -> isFromRouter() ? from.map(Legible::line) : Optional.empty());
    }

    /** Whether an edge put deliveries aside: they came from a router. */
    boolean isFromRouter() {
        return header(Topics.DEAD_LETTER_FROM).filter(from -> ROUTER.matcher(from).matches()).isPresent();
    }

    String reason() {
        return header(Topics.DEAD_LETTER_REASON).orElse("not said");
    }

    Optional<String> header(String name) {
        var header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), UTF_8));
    }

    /** Of the value, in bytes. */
    int size() {
        return record.value() == null ? 0 : record.value().length;
    }

    /** Whether only where it was and why is left of it: it was too large for the topic of dead letters. */
    boolean isLeftOut() {
        return size() == 0 && reason().contains("left out");
    }

    /** The original once more: its key, bytes and headers, for the partition where it stood. */
    ProducerRecord<byte[], byte[]> original(Origin origin) {
        var headers = new RecordHeaders();
        for (var header : record.headers()) {
            if (!header.key().startsWith(OURS)) headers.add(header);
        }
        return new ProducerRecord<>(origin.topic(), origin.partition(), record.key(), record.value(), headers);
    }
}
