package io.rejoin.edge.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.text.Normalizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NameRulesTest {
    @ParameterizedTest
    @ValueSource(strings = {"lobby", "Café", "a b", "team/a", "房間", "\u0645\u06CC \u062E\u0648\u0627\u0647\u0645",
            "हिन्दी",
            "한국어", "❤\uFE0F fans", "👨\u200D👩\u200D👧", "👩🏽\u200D💻", "🏳\uFE0F\u200D🌈", "1\uFE0F\u20E3", "🇩🇪",
            "\u0601",
            "a\u00A0b", "\uE000", "\uFFFD", "@a\u200Bb", "@", "x\u0301\u0323"})
    void visibleNamesAreAccepted(String name) {
        assertThat(NameRules.normalizeRoom(name)).isEqualTo(
                name.startsWith("@") ? name : Normalizer.normalize(name, Normalizer.Form.NFC));
    }

    @ParameterizedTest
    @CsvSource({"a\u200Bb, U+200B ZERO WIDTH SPACE", "a\u200C, U+200C", "a\u200Db, U+200D", "\uFEFFa, U+FEFF",
            "a\u00ADb, U+00AD SOFT HYPHEN", "a\u2060b, U+2060", "a\uFE0F, U+FE0F", "1\uFE0F, U+FE0F",
            "😀\uFE0F, U+FE0F",
            "😀\u200D, U+200D", "\u200D😀, U+200D", "a\u200D😀, U+200D", "a\u202Egnp, U+202E RIGHT-TO-LEFT OVERRIDE",
            "\u2066a\u2069, U+2066", "a\u200Fb, U+200F", "a\u061Cb, U+061C", "a\u034Fb, U+034F", "a\u3164b, U+3164",
            "\u115Fa, U+115F", "a\uFFA0b, U+FFA0", "a\u2028b, U+2028", "a\uDB40\uDC61, U+E0061",
            "a\uDB40\uDD00, U+E0100",
            "\uFFFF, U+FFFF", "a\uFDD0, U+FDD0", "a\uD83F\uDFFE, U+1FFFE", "a\u180Eb, U+180E", "a\uFFF9b, U+FFF9"})
    void invisibleCharactersAreRefusedByName(String name, String message) {
        assertThatThrownBy(() -> NameRules.normalizeRoom(name)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("a room's name").hasMessageContaining(message);
        assertThatThrownBy(() -> NameRules.normalizeUser(name)).hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {" a", "a ", "\u00A0a", "a\u3000", "\u2003", " ", "a\u2800"})
    void blanksAroundANameAreRefused(String name) {
        assertThatThrownBy(() -> NameRules.normalizeRoom(name)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("begin or end with a blank");
    }

    @Test
    void equivalentNamesAreNormalizedToOne() {
        assertThat(NameRules.normalizeRoom("Cafe\u0301")).isEqualTo("Caf\u00E9");
        assertThat(NameRules.normalizeUser("\u1112\u1161\u11AB")).isEqualTo("\uD55C");
        assertThat(NameRules.normalizeRoom("\u212B")).isEqualTo("\u00C5");
    }

    @Test
    void noInvisibleCharacterIsAccepted() {
        for (var c = 0x20; c <= Character.MAX_CODE_POINT; c++) {
            if (Character.getType(c) == Character.SURROGATE || c == '@') continue;
            var name = Character.toString(c);
            var isAccepted = true;
            try {
                NameRules.normalizeRoom(name);
            } catch (IllegalArgumentException _) {
                isAccepted = false;
            }
            if (isAccepted) assertThat(name.isBlank() || Character.isSpaceChar(c)).as("U+%04X", c).isFalse();
            else
                assertThat(Character.isLetterOrDigit(c) && Character.isIdentifierIgnorable(c)).as("U+%04X", c)
                        .isFalse();
        }
    }
}
