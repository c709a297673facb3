/** A position in degrees (WGS 84); `accuracy` in metres. */
export interface Fix {
  lat: number;
  lng: number;
  accuracy: number;
}

const REASONS: Record<number, string> = {
  1: "没有得到定位许可。可以在手机设置里允许，或者直接在下面写地点。",
  2: "现在定不到位，可能是信号不好。请在下面写地点。",
  3: "定位用了太久。可以再试一次，或者在下面写地点。",
};

/** Where the device is. Throws Error with words for the citizen. */
export function locate(): Promise<Fix> {
  return new Promise((resolve, reject) => {
    if (!("geolocation" in navigator) || !window.isSecureContext) {
      return reject(new Error("这个页面用不了定位，请在下面写地点。"));
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lat: coords.latitude, lng: coords.longitude, accuracy: coords.accuracy }),
      ({ code }) => reject(new Error(REASONS[code] ?? REASONS[2])),
      { enableHighAccuracy: true, timeout: 12_000, maximumAge: 30_000 },
    );
  });
}
