package io.rejoin.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.Topics;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * A dead letter: a record of {@code rejoin.dead-letters}. Its content may be anything, because its original could not
 * be used. The original may have had headers of the same names itself. So the last header of a name counts: the service
 * added it to the dead letter.
 */
record Letter(ConsumerRecord<byte[], byte[]> record) {
    private static final String OURS = "rejoin-";
    /**
     * The origin that edges give for deliveries: a router. Earlier versions had a topic of deliveries, and gave a place
     * in it.
     */
    private static final Pattern ROUTER = Pattern.compile("router .*|.*rejoin\\.deliveries-[0-9]+@[0-9]+");

    long offset() {
        return record.offset();
    }

    /**
     * The place of the original in a topic. Empty when the header is missing or names no such place, as for deliveries
     * from a router.
     */
    Optional<Origin> origin() {
        return header(Topics.DEAD_LETTER_FROM).flatMap(Origin::of)
                .map(origin -> header(Topics.DEAD_LETTER_INDEX).map(origin::at).orElse(origin));
    }

    /** The origin, for people: the place of the original, or the router that sent the deliveries to an edge. */
    Optional<String> from() {
        var from = header(Topics.DEAD_LETTER_FROM);
        return origin().map(Origin::text).or(() -> isFromRouter() ? from.map(TerminalText::line) : Optional.empty());
    }

    /** Whether the letter has deliveries, which an edge got from a router and could not use. */
    boolean isFromRouter() {
        return header(Topics.DEAD_LETTER_FROM).filter(from -> ROUTER.matcher(from).matches()).isPresent();
    }

    String reason() {
        return header(Topics.DEAD_LETTER_REASON).orElse("no reason given");
    }

    Optional<String> header(String name) {
        var header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), UTF_8));
    }

    /** The size of the value, in bytes. */
    int size() {
        return record.value() == null ? 0 : record.value().length;
    }

    /**
     * Whether the letter has only origin and reason, because the original was too large for the topic of dead letters.
     */
    boolean isLeftOut() {
        return size() == 0 && reason().contains("left out");
    }

    /**
     * The original record, with its key, value and headers, for its partition. Headers that the service added are left
     * out.
     */
    ProducerRecord<byte[], byte[]> original(Origin origin) {
        var headers = new RecordHeaders();
        for (var header : record.headers()) {
            if (!header.key().startsWith(OURS)) headers.add(header);
        }
        return new ProducerRecord<>(origin.topic(), origin.partition(), record.key(), record.value(), headers);
    }
}
