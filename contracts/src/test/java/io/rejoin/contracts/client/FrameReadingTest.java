package io.rejoin.contracts.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.JsonText;
import java.util.Objects;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of decoding, with frames as clients in various languages write them. */
class FrameReadingTest {
    @ParameterizedTest
    @ValueSource(strings = {"{'event':'message','room':'r','id':'1','to':null,'text':'hi','data':null}",
            "{'event':'message','room':'r','id':'1','text':'hi','confirm':null,'to':null}",
            "{'data':null,'text':'hi','id':'1','room':'r','event':'message'}",
            "\uFEFF{'event':'message','room':'r','id':'1','text':'hi','more':[null,{'x':1}]}"})
    void aNullBesideAValueIsAbsence(String frame) throws Exception {
        assertThat(decode(frame)).isEqualTo(
                new ClientFrame.Message("r", null, FrameId.text("1"), Content.text("hi"), false));
    }

    @Test
    void ofTextAndDataTheOneThatIsNotNullCounts() throws Exception {
        assertThat(decode("{'event':'message','text':null,'data':{}}"))
                .isEqualTo(new ClientFrame.Message(null, null, null, Content.data(new JsonText("{}")), false));
        assertThat(decode("{'event':'message','data':null}")) // any JSON value is valid data
                .isEqualTo(new ClientFrame.Message(null, null, null, Content.data(JsonText.NULL), false));
        assertThat(decode("{'event':'message','room':null,'to':'ben','text':'hi'}"))
                .isEqualTo(new ClientFrame.Message(null, "ben", null, Content.text("hi"), false));
        assertThat(decode("{'event':'join','room':'r','after':null,'epoch':null,'id':null}"))
                .isEqualTo(new ClientFrame.Join("r", null, null, null));
        assertThat(decode("{'event':'ping','ts':null}")).isEqualTo(new ClientFrame.Ping(null, null));
        assertThat(refused("{'event':'message','text':null,'data':null}").code()).isEqualTo(ErrorCode.INVALID_FRAME);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "to":null                | invalid_user | null
            "to":null,"room":null    | invalid_user | null
            "to":""                  | invalid_user | empty
            "to":" \\t"              | invalid_user | blank
            "to":"\\u2003"           | invalid_user | blank
            "to":5                   | invalid_user | the number 5
            "to":["ben"]             | invalid_user | an array
            "to":{"name":"ben"}      | invalid_user | an object
            "to":true                | invalid_user | true
            "to":"","room":"r"       | invalid_user | empty
            "room":null              | invalid_room | null
            "room":""                | invalid_room | empty
            "room":"  "              | invalid_room | blank
            "room":7.5               | invalid_room | the number 7.5
            "room":[]                | invalid_room | an array
            "room":"r","to":"ben"    | invalid_frame | not both""")
    void aMessageWhoseRecipientGotLostIsRefused(String field, String code, String said) {
        for (var frame : new String[]{"{\"event\":\"message\",\"id\":\"1\",\"text\":\"hi\"," + field + "}",
                "{" + field + ",\"data\":1,\"id\":\"1\",\"event\":\"message\"}"}) {
            var refused = refusedAsWritten(frame);

            assertThat(refused.code().wireName()).isEqualTo(code);
            assertThat(refused).hasMessageContaining(said);
            assertThat(refused.id()).isEqualTo(FrameId.text("1"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'event':'join','room':null}", "{'event':'join','room':''}", "{'event':'leave','room':[]}",
            "{'event':'leave','room':' '}", "{'event':'ack','seq':1,'room':null}", "{'event':'ack','seq':1,'room':''}",
            "{'event':'presence','room':null}", "{'event':'presence','room':{}}"})
    void aRoomThatIsThereAndNamesNoneIsNotTheOnlyOneJoined(String frame) {
        assertThat(refused(frame).code()).isEqualTo(ErrorCode.INVALID_ROOM);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "5.0", "5.000", "5e0", "50e-1", "0.5E+1", "0.005e3"})
    void aWholeNumberMayBeWrittenWithAPointOrAnExponent(String five) throws Exception {
        assertThat(decode("{'event':'join','room':'r','after':" + five + ",'epoch':" + five + "}"))
                .isEqualTo(new ClientFrame.Join("r", null, new After.Seq(5), 5L));
        assertThat(decode("{'event':'join','room':'r','after':{'last':" + five + "}}"))
                .isEqualTo(new ClientFrame.Join("r", null, new After.Last(5), null));
        assertThat(decode("{'event':'ack','seq':" + five + "}")).isEqualTo(new ClientFrame.Ack(null, null, 5, null));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1e2                  | 100
            -0                   | 0
            0.0e99999            | 0
            9223372036854775807  | 9223372036854775807
            9.223372036854775807e18 | 9223372036854775807""")
    void aSeqMayBeAnyWholeNumberThatALongHolds(String written, long seq) throws Exception {
        assertThat(decode("{'event':'ack','seq':" + written + "}"))
                .isEqualTo(new ClientFrame.Ack(null, null, seq, null));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            5.5                  | not a whole number
            1e-1                 | not a whole number
            1e-999999999         | not a whole number
            9223372036854775808  | beyond the largest whole number
            1e19                 | beyond the largest whole number
            1e999999999          | beyond the largest whole number
            1e99999999999        | beyond any number
            -1                   | 0 or more
            "5"                  | the string "5"
            true                 | true
            [5]                  | an array
            {}                   | an object""")
    void whatIsNoSeqIsRefusedWithWhatCame(String written, String said) {
        assertThat(refused("{'event':'ack','id':'1','seq':" + written + "}")).hasMessageContaining("\"seq\"")
                .hasMessageContaining(said).extracting(MalformedFrameException::id).isEqualTo(FrameId.text("1"));
        if (!written.contains("{"))
            assertThat(refused("{'event':'join','room':'r','after':{'last':" + written + "}}"))
                    .hasMessageContaining("\"last\"").hasMessageContaining(said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "5.0", "-0", "1e2", "0.1E-7", "true", "false", "'5'", "'1234.5'", "''", "'\\u00fc'",
            "12345678901234567890123", "1732572000123.4561"})
    void anIdAndATsComeBackAsTheyWent(String scalar) throws Exception {
        var ping = (ClientFrame.Ping) decode("{'event':'ping','id':" + scalar + ",'ts':" + scalar + "}");
        var written = encode(new ServerFrame.Pong(ping.id(), Objects.requireNonNull(ping.ts())));
        var json = scalar.replace('\'', '"').replace("\\u00fc", "\u00fc");

        assertThat(written).isEqualTo("{\"event\":\"pong\",\"id\":" + json + ",\"ts\":" + json + "}");
        assertThat(FrameId.ofLogged(Objects.requireNonNull(ping.id()).logged())).isEqualTo(ping.id());
        assertThat(written).isEqualTo(encode(Objects.requireNonNull(
                Json.MAPPER.readValue(written, ServerFrame.class))));
    }

    @Test
    void idsOfDifferentKindsAreDifferentIds() {
        var ids = new FrameId[]{FrameId.text("5"), new FrameId("5", false), new FrameId("5.0", false),
                FrameId.text("true"), new FrameId("true", false)};

        assertThat(ids).extracting(FrameId::logged).doesNotHaveDuplicates();
    }

    /** The error for a refused frame carries the frame's id, wherever in the text the id is, if it can be read. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {"event":"dance","id":7}                                | 7       | does not know the event "dance"
            {"id":true}                                             | true    | "event" is missing
            {"event":null,"id":"x"}                                 | "x"     | "event" is missing
            {"event":["message"],"id":1.50}                         | 1.50    | "event" must be a string, not an array
            {"event":"message","id":"x"}                            | "x"     | needs "text"
            {"event":"message","text":5,"id":"x"}                   | "x"     | "text" must be a string, not the number 5
            {"event":"message","text":"a","data":1,"id":1e2}        | 1e2     | not both
            {"event":"message","text":"a","confirm":"yes","id":0}   | 0       | not the string "yes"
            {"event":"message","data":[1e400],"id":"x"}             | "x"     | the number 1e400 does not fit a double
            {"event":"message","data":{"a":-1e400},"id":"x"}        | "x"     | -1e400
            {"event":"message","data":1e-400,"id":"x"}              | "x"     | does not fit a double
            {"event":"message","data":0e99999,"id":"x"}             | "x"     | does not fit a double
            {"event":"message","data":"\\ud800","id":"x"}           | "x"     | half of a surrogate pair
            {"event":"message","id":"x","data":{"\\udc00":1}}       | "x"     | half of a surrogate pair
            {"event":"message","text":"\\ud800","id":"x"}           | "x"     | half of a surrogate pair
            {"event":"\\ud800","id":"x"}                            | "x"     | does not know the event
            {"event":"ping","id":"\\ud800"}                         | "\\uD800" | half of a surrogate pair
            {"event":"ping","id":"a\\tb"}                           | "a\\tb" | control characters
            {"event":"ping","id":1e400}                             | 1e400   | does not fit a double
            {"event":"ping","ts":{},"id":"x"}                       | "x"     | not an object
            {"event":"ping","id":"x","id":"y"}                      | "x"     | the field "id" appears twice
            {"event":"ping","id":"x","data":{"a":1,"a":2}}          | "x"     | the field "a" appears twice
            {"event":"ping","id":"x"}{"event":"ping"}               | "x"     | after its closing brace
            {"event":"ping","id":"x"} and more                      | "x"     | not JSON at character 26
            {"event":"ping","id":"x",}                              | "x"     | not JSON at character 25
            {"event":"ping","id":"x","ts":01}                       | "x"     | not JSON at character
            {"event":"ping","id":"x"                                | "x"     | ends too early
            {"event":"ping","id":"x","text":"un                     | "x"     | ends too early
            {'event':'ping','id':'x'}                               |         | not JSON at character 1
            {"event":"ping","ts":NaN,"id":"x"}                      |         | not JSON at character 2
            {"event":"ping","id":{"a":1}}                           |         | not an object
            {"event":"ping","id":[]}                                |         | not an array
            [{"event":"ping","id":"x"}]                             |         | this is an array
            "ping"                                                  |         | this is a single value
            ping                                                    |         | not JSON at character
            ~~                                                      |         | this is empty""")
    void whatIsRefusedSaysWhyUnderItsId(String frame, @Nullable String id, String why) throws Exception {
        var refused = refusedAsWritten(frame);

        assertThat(refused).hasMessageContaining(why);
        var error = encode(new ServerFrame.Failure(refused.id(), null, refused.code(),
                Objects.requireNonNull(refused.getMessage()), null));
        if (id == null) assertThat(error).doesNotContain("\"id\":");
        else
            assertThat(error).startsWith("{\"event\":\"error\",\"id\":" + id + ",\"code\":");
    }

    @Test
    void whatIsTooLargeSaysWhatIsAndIsAnsweredUnderItsWholeId() {
        var deep = "{\"event\":\"message\",\"data\":" + "[".repeat(20_000) + "]".repeat(20_000) + ",\"id\":5}";
        var longNumber = "{\"event\":\"message\",\"data\":" + "9".repeat(500) + ",\"id\":5}";
        var longName = "{\"event\":\"message\",\"data\":{\"" + "n".repeat(20_000) + "\":1},\"id\":5}";
        assertThat(refusedAsWritten(deep)).hasMessageContaining("64 levels").extracting("id").isEqualTo(
                new FrameId("5", false));
        assertThat(refusedAsWritten(longNumber)).hasMessageContaining("400 characters").extracting("id").isEqualTo(
                new FrameId("5", false));
        assertThat(refusedAsWritten(longName)).hasMessageContaining("16,000").extracting("id").isEqualTo(
                new FrameId("5", false));
        var id = "x".repeat(50_000);
        assertThat(refusedAsWritten("{\"event\":\"ping\",\"id\":\"" + id + "\"}"))
                .hasMessageContaining("longer than 128")
                .extracting("id").isEqualTo(FrameId.text(id));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e2", "1E+2", "1.0", "-0", "-0.0", "0.10", "1e-7", "123456789012345678901234567890",
            "0.1234567890123456789012345678901234567890", "1.7976931348623157e308", "5e-324", "0e0", "-1.50E-3"})
    void numbersInDataKeepTheirDigits(String number) throws Exception {
        for (var data : new String[]{number, "[" + number + "]", "{\"a\":{\"b\":[true," + number + "]}}"}) {
            var message = (ClientFrame.Message) FrameCodec.decode("{\"event\":\"message\", \"data\" : " + data + " }");

            assertThat(message.content()).isEqualTo(Content.data(new JsonText(data)));
            assertThat(Json.MAPPER.writeValueAsString(message.content())).isEqualTo("{\"data\":" + data + "}");
        }
    }

    /** For any text, decoding gives a frame or a reason. Both carry the id if there is one. */
    @Test
    void nothingThatCanBeSentBreaksTheCodecOrLosesItsId() {
        var random = new Random(20261125);
        for (var n = 0; n < 10_000; n++) {
            var text = new RandomFrame(random).text();
            var id = answeredId(text);
            var sent = idOf(text);
            if (sent != null) assertThat(id).as(text).isEqualTo(sent);
        }
    }

    /** The id in the answer to a frame, as JSON. */
    private static @Nullable JsonNode answeredId(String text) {
        ServerFrame answer;
        try {
            answer = new ServerFrame.Pong(FrameCodec.decode(text).id(), JsonText.NULL);
        } catch (MalformedFrameException e) {
            answer = new ServerFrame.Failure(e.id(), null, e.code(), Objects.requireNonNull(e.getMessage()), null);
        } catch (RuntimeException e) {
            throw new AssertionError(text, e);
        }
        return read(encode(answer)).get("id");
    }

    /** The id in a text; null if the text is not valid JSON or has no id. */
    private static @Nullable JsonNode idOf(String text) {
        var json = read(text);
        var id = json.get("id");
        return id == null || id.isContainerNode() || id.isNull() ? null : id;
    }

    private static JsonNode read(String text) {
        try {
            return Json.CLIENT_MAPPER.readTree(text);
        } catch (Exception _) {
            return Json.MAPPER.missingNode();
        }
    }

    /** A frame with random fields of any kind. In one of four frames, one character of the text is replaced. */
    private record RandomFrame(RandomGenerator random) {
        private static final String[] NAMES = {"event", "id", "room", "to", "text", "data", "confirm", "after", "seq",
                "epoch", "ts", "token", "other"};
        private static final String[] VALUES = {"null", "true", "\"\"", "\" \"", "\"r\"", "\"@me\"", "5", "5.0", "-1",
                "1e2", "1e400", "1e99999999999", "[]", "{}", "{\"last\":1}", "{\"last\":{\"last\":1}}", "[[[1.0]]]",
                "[1e99999999999]", "{\"last\":1e99999999999}",
                "\"\\ud83d\"", "\"\\u0000\"", "\"cursor\"", "9223372036854775808", "\"message\"", "-0",
                "\"\uD83D\uDE00\""};
        private static final String[] EVENTS = {"join", "leave", "message", "ack", "presence", "refresh", "ping", "x"};

        String text() {
            var text = new StringBuilder("{");
            if (random.nextInt(8) > 0) text.append("\"event\":\"").append(one(EVENTS)).append("\",");
            for (var n = random.nextInt(6); n > 0; n--) {
                text.append('"').append(one(NAMES)).append("\":").append(one(VALUES)).append(',');
            }
            text.append("\"id\":").append(one(VALUES)).append('}');
            if (random.nextInt(4) == 0) {
                var at = random.nextInt(text.length());
                text.setCharAt(at, (char) (random.nextBoolean() ? random.nextInt(128) : random.nextInt(0x10000)));
            }
            return text.toString();
        }

        private String one(String[] of) {
            return of[random.nextInt(of.length)];
        }
    }

    private static ClientFrame decode(String frame) throws MalformedFrameException {
        return FrameCodec.decode(frame.replace('\'', '"'));
    }

    private static MalformedFrameException refused(String frame) {
        return refusedAsWritten(frame.replace('\'', '"'));
    }

    private static MalformedFrameException refusedAsWritten(String frame) {
        var refused = catchThrowableOfType(MalformedFrameException.class, () -> FrameCodec.decode(frame));
        assertThat(refused).as(frame).isNotNull();
        return refused;
    }

    private static String encode(ServerFrame frame) {
        return new String(FrameCodec.encode(frame), UTF_8);
    }
}
