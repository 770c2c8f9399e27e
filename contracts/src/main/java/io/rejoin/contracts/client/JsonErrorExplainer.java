package io.rejoin.contracts.client;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.rejoin.contracts.JsonText;
import java.util.regex.Pattern;

/** Explains to the client's developer why a text is not the JSON of a frame. */
final class JsonErrorExplainer {
    private static final Pattern DUPLICATE_FIELD = Pattern.compile("Duplicate field '(.*)'", Pattern.DOTALL);
    private static final int MAX_LENGTH = 200;

    private JsonErrorExplainer() {}

    static String explain(JacksonException fault) {
        var message = String.valueOf(fault.getOriginalMessage());
        if (fault instanceof StrictJsonParser.NotStrictException) return message;
        if (fault instanceof StreamConstraintsException) return explainLimit(message);
        if (message.contains("surrogate")) return "a string has half of a surrogate pair: it has no UTF-8";
        var duplicate = DUPLICATE_FIELD.matcher(message);
        if (duplicate.find())
            return "the field \"" + FrameFields.Field.shortened(duplicate.group(1)) + "\" appears twice in one object";
        if (fault instanceof JsonEOFException)
            return "the JSON ends too early: a brace, bracket or quote is not closed";
        var location = fault.getLocation();
        var where = location == null ? "" : " at character " + Math.max(0, location.getCharOffset());
        return "this is not JSON" + where + ": " + firstLine(message);
    }

    /** Names the exceeded limit, which shows only in the text of Jackson's message. */
    private static String explainLimit(String message) {
        if (message.contains("depth")) return "a frame may be nested at most 64 levels deep";
        if (message.contains("ame length")) return "the name of a field may be at most 16,000 characters long";
        return "a number may be at most 400 characters long";
    }

    private static String firstLine(String message) {
        var line = JsonText.withoutHalves(message.lines().findFirst().orElse(""));
        return line.length() > MAX_LENGTH ? line.substring(0, MAX_LENGTH) + "…" : line;
    }
}
