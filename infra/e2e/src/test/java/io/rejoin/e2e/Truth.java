package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.LongStream;

/** Checks that must hold for a room in the end, whatever faults happened. */
final class Truth {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Truth() {}

    /** All messages of a room from history as {@code seq:id}; waits until history has those up to {@code head}. */
    static List<String> inHistory(Cluster cluster, String room, long head) {
        var messages = new ArrayList<String>();
        var after = 0L;
        while (after < head) {
            var page = page(cluster, room, after, Math.min(head, after + 500));
            assertThat(page.path("messages")).as("page after " + after + ": " + page).isNotEmpty();
            for (var message : page.path("messages")) {
                after = message.path("seq").asLong();
                messages.add(after + ":" + message.path("id").asText());
            }
        }
        return messages;
    }

    /** Checks that every seq from 1 on occurs once, and no id twice. */
    static void assertOneOrder(List<String> messages) {
        assertThat(messages.stream().map(message -> Long.parseLong(message.substring(0, message.indexOf(':')))))
                .as("seqs").containsExactlyElementsOf(LongStream.rangeClosed(1, messages.size()).boxed().toList());
        var ids = messages.stream().map(message -> message.substring(message.indexOf(':') + 1)).toList();
        assertThat(new HashSet<>(ids)).as("distinct ids").hasSameSizeAs(ids);
    }

    private static JsonNode page(Cluster cluster, String room, long after, long to) {
        var answer = cluster
                .askHistory("/v1/messages?room=" + URLEncoder.encode("default/" + room, StandardCharsets.UTF_8)
                        + "&after=" + after + "&to=" + to + "&limit=500&wait_ms=20000");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        try {
            return JSON.readTree(answer.body());
        } catch (JacksonException e) {
            throw new AssertionError(answer.body(), e);
        }
    }
}
