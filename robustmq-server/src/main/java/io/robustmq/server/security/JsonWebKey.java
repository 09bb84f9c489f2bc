package io.robustmq.server.security;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A key that tokens may be signed with.
 *
 * @param id empty when it has none
 * @param algorithm the only one it is for; empty when it does not say
 * @param family {@code RS} or {@code ES} and the size of its curve's hash
 */
record JsonWebKey(String id, String algorithm, String family, PublicKey key) {
    /** The keys for signatures among those of a set; others are left out. */
    static List<JsonWebKey> set(JsonNode set) throws GeneralSecurityException {
        List<JsonWebKey> keys = new ArrayList<>();
        for (JsonNode key : set.path("keys")) {
            String use = key.path("use").asText("sig");
            String type = key.path("kty").asText();
            if (use.equals("sig") && type.equals("RSA")) {
                keys.add(of(key, "RS", rsa(key)));
            } else if (use.equals("sig") && type.equals("EC")) {
                String curve = key.path("crv").asText();
                keys.add(of(key, "ES" + hashOf(curve), ec(key, curve)));
            }
        }
        return keys;
    }

    boolean mayVerify(String wanted) {
        return (algorithm.isEmpty() || algorithm.equals(wanted))
                && wanted.startsWith(family)
                && !signatureOf(wanted).isEmpty();
    }

    /** In the JDK's words; empty for what is not a signature by RSA or EC. */
    static String signatureOf(String algorithm) {
        return switch (algorithm) {
            case "RS256" -> "SHA256withRSA";
            case "RS384" -> "SHA384withRSA";
            case "RS512" -> "SHA512withRSA";
            case "ES256" -> "SHA256withECDSAinP1363Format";
            case "ES384" -> "SHA384withECDSAinP1363Format";
            case "ES512" -> "SHA512withECDSAinP1363Format";
            default -> "";
        };
    }

    private static JsonWebKey of(JsonNode key, String family, PublicKey material) {
        return new JsonWebKey(key.path("kid").asText(""), key.path("alg").asText(""), family, material);
    }

    private static PublicKey rsa(JsonNode key) throws GeneralSecurityException {
        return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(number(key, "n"), number(key, "e")));
    }

    private static PublicKey ec(JsonNode key, String curve) throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec("secp" + curve.substring(2) + "r1"));
        return KeyFactory.getInstance("EC")
                .generatePublic(new ECPublicKeySpec(
                        new ECPoint(number(key, "x"), number(key, "y")),
                        parameters.getParameterSpec(ECParameterSpec.class)));
    }

    private static String hashOf(String curve) throws GeneralSecurityException {
        return switch (curve) {
            case "P-256" -> "256";
            case "P-384" -> "384";
            case "P-521" -> "512";
            default -> throw new GeneralSecurityException("the curve " + curve + " is not known");
        };
    }

    private static BigInteger number(JsonNode key, String name) {
        return new BigInteger(1, Base64.getUrlDecoder().decode(key.path(name).asText()));
    }
}
