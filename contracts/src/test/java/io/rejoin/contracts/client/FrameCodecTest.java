package io.rejoin.contracts.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.LogCodec;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameCodecTest {
    @Test
    void aTutorialsFramesAreRead() throws Exception {
        assertThat(FrameCodec.decode("{\"event\":\"message\",\"text\":\"hi\"}"))
                .isEqualTo(new ClientFrame.Message(null, null, null, Content.text("hi"), false));
        assertThat(FrameCodec.decode("{\"event\":\"ping\"}")).isEqualTo(new ClientFrame.Ping(null, null));
    }

    @Test
    void aJoinMayAskForAllAfterASeqOrForTheLastOnes() throws Exception {
        assertThat(FrameCodec.decode("{\"event\":\"join\",\"room\":\"r\",\"after\":7,\"epoch\":3,\"id\":\"x\"}"))
                .isEqualTo(new ClientFrame.Join("r", FrameId.text("x"), new After.Seq(7), 3L));
        assertThat(FrameCodec.decode("{\"event\":\"join\",\"room\":\"r\",\"after\":{\"last\":50}}"))
                .isEqualTo(new ClientFrame.Join("r", null, new After.Last(50), null));
    }

    @Test
    void aJoinMayGoOnWhereTheUserAcknowledged() throws Exception {
        assertThat(FrameCodec.decode("{\"event\":\"join\",\"room\":\"r\",\"after\":\"cursor\"}"))
                .isEqualTo(new ClientFrame.Join("r", null, new After.Cursor(), null));
    }

    @Test
    void aMessageMayBeForOneUserAndMayHaveToBeConfirmed() throws Exception {
        assertThat(FrameCodec.decode("{\"event\":\"message\",\"to\":\"ben\",\"id\":\"1\",\"text\":\"hi\"}"))
                .isEqualTo(new ClientFrame.Message(null, "ben", FrameId.text("1"), Content.text("hi"), false));
        assertThat(FrameCodec.decode("{\"event\":\"message\",\"room\":\"r\",\"text\":\"hi\",\"confirm\":true}"))
                .isEqualTo(new ClientFrame.Message("r", null, null, Content.text("hi"), true));
    }

    @Test
    void whatWasProcessedIsAcknowledged() throws Exception {
        assertThat(FrameCodec.decode("{\"event\":\"ack\",\"room\":\"r\",\"seq\":7,\"epoch\":3,\"id\":\"x\"}"))
                .isEqualTo(new ClientFrame.Ack("r", FrameId.text("x"), 7, 3L));
        assertThat(FrameCodec.decode("{\"event\":\"ack\",\"seq\":7}"))
                .isEqualTo(new ClientFrame.Ack(null, null, 7, null));
    }

    @Test
    void dataMayBeAnyJson() throws Exception {
        assertThat(FrameCodec.decode("{\"event\":\"message\",\"room\":\"r\",\"id\":\"1\",\"data\":null}"))
                .isEqualTo(new ClientFrame.Message("r", null, FrameId.text("1"), Content.data(JsonText.NULL),
                        false));
    }

    @Test
    void aNewTokenHasAnyLengthThatAHeaderTakes() throws Exception {
        var token = "x".repeat(16_000);

        assertThat(FrameCodec.decode("{\"event\":\"refresh\",\"token\":\"" + token + "\"}"))
                .isEqualTo(new ClientFrame.Refresh(token, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hi", "[]", "1", "null", "{}", "{\"event\":1}", "{\"event\":\"join\"}",
            "{\"event\":\"join\",\"room\":\"r\",\"after\":-1}",
            "{\"event\":\"join\",\"room\":\"r\",\"after\":\"soon\"}", "{\"event\":\"message\"}",
            "{\"event\":\"message\",\"text\":1}", "{\"event\":\"message\",\"text\":\"a\",\"data\":1}",
            "{\"event\":\"message\",\"text\":\"\\ud800\"}", "{\"event\":\"message\",\"data\":[{\"\\udc00x\":1}]}",
            "{\"event\":\"message\",\"text\":\"a\",\"id\":\"\\u0000\"}",
            "{\"event\":\"message\",\"data\":1e99999999999}",
            "{\"event\":\"ping\",\"ts\":[]}", "{\"event\":\"ack\"}", "{\"event\":\"ack\",\"seq\":-1}",
            "{\"event\":\"message\",\"text\":\"a\",\"room\":\"r\",\"to\":\"u\"}",
            "{\"event\":\"message\",\"text\":\"a\",\"confirm\":1}", "{\"event\":\"ping\"} {}",
            "{\"event\":\"refresh\"}", "{\"event\":\"refresh\",\"token\":1}"})
    void whatIsNoFrameIsRefusedWithAReason(String text) {
        var refused = catchThrowableOfType(MalformedFrameException.class, () -> FrameCodec.decode(text));

        assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_FRAME);
        assertThat(refused.getMessage()).isNotBlank();
    }

    @Test
    void whatAClientMaySendNeverBecomesAMalformedRecord() throws Exception {
        var longest = "9".repeat(300) + "e-9," + "9".repeat(400) + ",1." + "9".repeat(398) + ",{\""
                + "\u20ac".repeat(16_000) + "\":1},{\"" + "\ud83d\ude00".repeat(8_000) + "\":1}";
        var deep = "[".repeat(61) + longest
                + ",1.2300,1e2,-0,12345678901234567890.12345678901234567890,null,\"\\u0000😀\""
                + "]".repeat(61);
        var message = (ClientFrame.Message) FrameCodec.decode("{\"event\":\"message\",\"data\":" + deep + "}");
        var room = new RoomId("default", "r");
        var user = new UserId("default", "ann");
        var post = new Command.Post(room, user, new ConnectionId("c"), new EdgeRef("e", 1, 0), null, message.content());
        var entry = new DeliveryBatch.Entry(new Source(0, 1, 2),
                new Delivery.Message(room, 1, 2, user, null, message.content(), 3));
        var batch = new DeliveryBatch("e", 1, List.of(entry));

        assertThat(LogCodec.commands(LogCodec.commands(List.of(post)))).containsExactly(post);
        assertThat(LogCodec.deliveries(LogCodec.deliveries(batch))).isEqualTo(batch);
        assertThat(new String(LogCodec.commands(List.of(post)), UTF_8)).contains("1.2300,1e2,-0,")
                .contains("12345678901234567890.12345678901234567890");
    }

    /** Message frames, which the codec writes without Jackson, with the same bytes as Jackson's. */
    @Test
    void theFrameOfAMessageIsWhatJacksonMakesOfIt() throws Exception {
        var ids = Arrays.asList(null, FrameId.text("a\"\u00fc\n"), FrameId.ofLogged("\t5.0"),
                FrameId.ofLogged("\ttrue"));
        var contents = List.of(Content.text("h\u00ef \ud83d\ude00\u0000"),
                Content.data(new JsonText("[1e2,\"\u20ac\"]")));
        for (var id : ids) {
            for (var content : contents) {
                for (var flag : Arrays.asList(null, true, false)) {
                    for (var erased : Arrays.asList(null, true)) {
                        var frame = new ServerFrame.Message("r\"\u20ac", Long.MAX_VALUE, Long.MIN_VALUE, id,
                                "\u00e4nn\\",
                                content, 0, flag, erased);
                        assertThat(FrameCodec.encode(frame)).isEqualTo(Json.MAPPER.writeValueAsBytes(frame));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource
    void whatMightNotBeReadAgainIsRefused(String data) {
        var text = "{\"event\":\"message\",\"data\":" + data + "}";

        var refused = catchThrowableOfType(MalformedFrameException.class, () -> FrameCodec.decode(text));

        assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_FRAME);
        assertThat(refused).hasMessageContaining("at most");
    }

    static List<String> whatMightNotBeReadAgainIsRefused() {
        return List.of("9".repeat(401), "9".repeat(998) + "e9", "1e" + "0".repeat(998) + "1",
                "{\"" + "\u20ac".repeat(17_000) + "\":1}");
    }

    @Test
    void nestingWithoutEndIsRefused() {
        var text = "{\"event\":\"message\",\"data\":" + "[".repeat(20_000) + "]".repeat(20_000) + "}";

        assertThat(catchThrowableOfType(MalformedFrameException.class, () -> FrameCodec.decode(text)).code())
                .isEqualTo(ErrorCode.INVALID_FRAME);
    }

    @Test
    void anUnknownEventIsRefusedByNameWithItsId() {
        var refused = catchThrowableOfType(MalformedFrameException.class,
                () -> FrameCodec.decode("{\"event\":\"dance\",\"id\":\"9\"}"));

        assertThat(refused.code()).isEqualTo(ErrorCode.UNKNOWN_EVENT);
        assertThat(refused.id()).isEqualTo(FrameId.text("9"));
    }

    @Test
    void serverFramesLookAsTheProtocolSays() {
        assertThat(json(new ServerFrame.Message("r", 3, 5, FrameId.text("x"), "ann", Content.text("hi"), 99, null)))
                .isEqualTo("""
                {"event":"message","room":"r","seq":3,"epoch":5,"id":"x","user":"ann","text":"hi","ts":99}""");
        assertThat(json(new ServerFrame.JoinAck("r", "ann", null, 3, 5, null, List.of("ann"), 1))).isEqualTo("""
                {"event":"join_ack","room":"r","user":"ann","seq":3,"epoch":5,"members":["ann"],"count":1}""");
        assertThat(json(new ServerFrame.Resync("r", 4, 3, ServerFrame.Outcome.FULL))).isEqualTo("""
                {"event":"resync","room":"r","from":4,"to":3,"outcome":"full"}""");
        assertThat(json(new ServerFrame.Failure(null, null, ErrorCode.OVERLOADED, "later", 250L))).isEqualTo("""
                {"event":"error","code":"overloaded","message":"later","retry_after_ms":250}""");
        assertThat(json(new ServerFrame.Presence("r", ServerFrame.Action.JOIN, "ann", 1, 2))).isEqualTo("""
                {"event":"presence","room":"r","action":"join","user":"ann","count":1,"version":2}""");
        assertThat(json(new ServerFrame.PresenceDiff("r", List.of("ann"), List.of(), 1, 2, 4))).isEqualTo("""
                {"event":"presence_diff","room":"r","joined":["ann"],"left":[],"count":1,"from":2,"version":4}""");
        assertThat(json(new ServerFrame.PresenceDiff("r", null, null, 900, 2, 904))).isEqualTo("""
                {"event":"presence_diff","room":"r","count":900,"from":2,"version":904}""");
    }

    private static String json(ServerFrame frame) {
        return new String(FrameCodec.encode(frame), UTF_8);
    }
}
