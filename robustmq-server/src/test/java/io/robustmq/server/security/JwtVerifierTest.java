package io.robustmq.server.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.robustmq.core.login.TokenVerifier;
import io.robustmq.server.security.SecurityConfig.JwtConfig;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JwtVerifierTest {
    private static final long NOW_MS = 1_000_000_000L;
    private static final long NOW = NOW_MS / 1000;

    private KeyPair rsa;
    private KeyPair ec;
    private JwtVerifier verifier;

    @BeforeEach
    void makeKeys() throws Exception {
        rsa = pair("RSA", 2048);
        ec = pair("EC", 256);
        RSAPublicKey rsaKey = (RSAPublicKey) rsa.getPublic();
        ECPublicKey ecKey = (ECPublicKey) ec.getPublic();
        String set = "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r\",\"n\":\"" + number(rsaKey.getModulus(), 256)
                + "\",\"e\":\"" + number(rsaKey.getPublicExponent(), 3)
                + "\"},{\"kty\":\"EC\",\"kid\":\"e\",\"crv\":\"P-256\",\"alg\":\"ES256\",\"x\":\""
                + number(ecKey.getW().getAffineX(), 32) + "\",\"y\":\""
                + number(ecKey.getW().getAffineY(), 32)
                + "\"},{\"kty\":\"oct\",\"k\":\"AAAA\"},{\"kty\":\"RSA\",\"use\":\"enc\",\"n\":\"AQ\",\"e\":\"AQ\"}]}";
        List<JsonWebKey> keys = JsonWebKey.set(new ObjectMapper().readTree(set));
        assertThat(keys).extracting(JsonWebKey::id).containsExactly("r", "e");
        verifier = new JwtVerifier(new JwtConfig("unused", "us", "broker", "sub", 100_000), keys, () -> NOW_MS);
    }

    @AfterEach
    void close() {
        verifier.close();
    }

    @Test
    void aTokenSignedByAKnownKeyNamesItsUser() throws Exception {
        assertThat(verifier.verify(token(rsa, "RS256", "r", claims("bob", NOW + 60))))
                .contains(new TokenVerifier.Verified("bob", (NOW + 60) * 1000));
        assertThat(verifier.verify(token(ec, "ES256", "e", claims("eve", NOW + 60))))
                .isPresent();
        assertThat(verifier.verify(token(rsa, "RS512", "", claims("bob", NOW + 60))))
                .isPresent();
    }

    @Test
    void aTokenThatIsNotForUsOrNotForNowIsNoProof() throws Exception {
        for (String claims : List.of(
                claims("bob", NOW - 60),
                claims("", NOW + 60),
                "{\"sub\":\"bob\",\"iss\":\"us\",\"aud\":\"broker\"}",
                claims("bob", NOW + 60).replace("\"us\"", "\"them\""),
                claims("bob", NOW + 60).replace("\"broker\"", "\"other\""),
                claims("bob", NOW + 60).replace("{", "{\"nbf\":" + (NOW + 100) + ","),
                "[]",
                "nonsense")) {
            assertThat(verifier.verify(token(rsa, "RS256", "r", claims)))
                    .as(claims)
                    .isEmpty();
        }
        assertThat(verifier.verify(
                        token(rsa, "RS256", "r", claims("bob", NOW + 60).replace("\"broker\"", "[\"x\",\"broker\"]"))))
                .isPresent();
    }

    @Test
    void whatATokenSaysAboutItsOwnSignatureIsNotBelieved() throws Exception {
        String good = token(rsa, "RS256", "r", claims("bob", NOW + 60));
        String[] parts = good.split("\\.", -1);
        String unsigned = base64("{\"alg\":\"none\"}") + "." + parts[1] + ".";
        String forged = parts[0] + "." + base64(claims("root", NOW + 60)) + "." + parts[2];
        for (String token : List.of(
                "",
                ".",
                "..",
                "a.b.c",
                unsigned,
                forged,
                good + "x",
                good + ".x",
                token(pair("RSA", 2048), "RS256", "r", claims("bob", NOW + 60)),
                token(ec, "ES256", "r", claims("bob", NOW + 60)))) {
            assertThat(verifier.verify(token)).as(token).isEqualTo(Optional.empty());
        }
    }

    private static String claims(String user, long expires) {
        return "{\"sub\":\"" + user + "\",\"iss\":\"us\",\"aud\":\"broker\",\"exp\":" + expires + "}";
    }

    private static String token(KeyPair pair, String algorithm, String id, String claims)
            throws GeneralSecurityException {
        String head = "{\"alg\":\"" + algorithm + "\"" + (id.isEmpty() ? "" : ",\"kid\":\"" + id + "\"") + "}";
        String signed = base64(head) + "." + base64(claims);
        Signature signature = Signature.getInstance(JsonWebKey.signatureOf(algorithm));
        signature.initSign(pair.getPrivate());
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        return signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
    }

    private static KeyPair pair(String algorithm, int bits) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(bits);
        return generator.generateKeyPair();
    }

    private static String number(BigInteger number, int bytes) {
        byte[] signed = number.toByteArray();
        byte[] unsigned = new byte[bytes];
        int count = Math.min(bytes, signed.length);
        System.arraycopy(signed, signed.length - count, unsigned, bytes - count, count);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(unsigned);
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
