package io.rejoin.edge.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.UserId;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenRulesTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_000);

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"sub | {'sub':'ann'} | ann",
            "preferred_username | {'preferred_username':'ann'} | ann",
            "https://example.com/user | {'https://example.com/user':'ann'} | ann",
            "https://example.com/app.user | {'https://example.com/app.user':'ann'} | ann",
            "user.name | {'user':{'name':'ann'}} | ann", "user.name | {'user.name':'ann','user':{'name':'ben'}} | ann",
            "a.b.c | {'a':{'b':{'c':'ann'}}} | ann",
            "/https:~1~1example.com~1app/user | {'https://example.com/app':{'user':'ann'}} | ann",
            "/a.b/0 | {'a.b':['ann']} | ann", "user.name | {'user':'ann'} | -",
            "user.name | {'user':{'name':null}} | null",
            "https://example.com/user | {'https://example':{'com/user':'ann'}} | ann", "a..b | {'a':{'b':'ann'}} | -"})
    void aClaimIsFoundByItsNameOrPath(String path, String claims, String expected) {
        var found = new ClaimPath(path).valueIn(json(claims));

        assertThat(found == null ? "-" : found.asText()).isEqualTo(expected);
    }

    @Test
    void aPathWithASlashIsAJsonPointer() {
        assertThat(new ClaimPath("/a/b").valueIn(json("{'/a/b':1,'a':{'b':2}}"))).isEqualTo(json("2"));
    }

    @Test
    void claimsAreReadFromTheConfiguredPaths() throws Exception {
        var rules = new TokenRules("https://id.example/realms/a", Set.of("rejoin"), false,
                new ClaimPath("preferred_username"), new ClaimPath("https://example.com/tenant"),
                new ClaimPath("realm_access.roles"), Grants.NONE);
        var principal = rules.principal(json("""
                {'iss':'https://id.example/realms/a','aud':'rejoin','sub':'f:1','preferred_username':'Ann',
                'https://example.com/tenant':'Acme','realm_access':{'roles':['lobby','team-*']}}"""), NOW);

        assertThat(principal).isEqualTo(
                new Principal(new UserId("Acme", "Ann"), new Grants(List.of("lobby", "team-*")), null));
    }

    @Test
    void aConnectionLastsHalfAMinuteLongerThanItsToken() throws Exception {
        assertThat(principal("{'sub':'ann','exp':1001}").expiresMs()).isEqualTo(1_031_000);
        assertThat(principal("{'sub':'ann','exp':971}").expiresMs()).isEqualTo(1_001_000);
        assertRefused("{'sub':'ann','exp':970}", "expired");
    }

    @Test
    void aTokenWithoutRoomsGetsTheDefaultRooms() throws Exception {
        assertThat(principal("{'sub':'ann','exp':1001}").grants()).isEqualTo(Grants.ALL);
        assertThat(principal("{'sub':'ann','exp':1001,'rooms':[]}").grants()).isEqualTo(Grants.NONE);
        assertThat(principal("{'sub':'ann','exp':1001,'rooms':''}").grants()).isEqualTo(Grants.NONE);
        assertThat(principal("{'sub':'ann','exp':1001,'rooms':' a  b '}").grants())
                .isEqualTo(new Grants(List.of("a", "b")));
        assertRefused("{'sub':'ann','exp':1001,'rooms':null}", "\"rooms\"");
        assertRefused("{'sub':'ann','exp':1001,'rooms':[null]}", "\"rooms\"");
        assertRefused("{'sub':'ann','exp':1001,'rooms':[['a']]}", "\"rooms\"");
    }

    @Test
    void aNullClaimIsInvalid() {
        for (var claims : List.of("{'sub':null,'exp':1001}", "{'sub':'ann','exp':null}",
                "{'sub':'ann','exp':1001,'tenant':null}", "{'sub':'ann','exp':1001,'nbf':null}")) {
            assertRefused(claims, "not valid");
        }
    }

    private static Principal principal(String claims) throws InvalidTokenException {
        return TokenRules.DEFAULT.principal(json(claims), NOW);
    }

    private static void assertRefused(String claims, String why) {
        var refused = catchThrowableOfType(InvalidTokenException.class, () -> principal(claims));
        assertThat(refused).as(claims).hasMessageContaining(why);
        assertThat(refused.isTemporary()).isFalse();
        assertThatThrownBy(() -> principal(claims)).hasMessageNotContaining("\n");
    }

    private static JsonNode json(String text) {
        try {
            return Json.MAPPER.readTree(text.replace('\'', '"'));
        } catch (JacksonException e) {
            throw new AssertionError(e);
        }
    }
}
