// torch.special, and functions composed of others, against PyTorch's numbers.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const double = (x: number[]) => torch.tensor(x, { dtype: torch.float64 });

/** Relative differences above 1e-9 are wrong. */
function expectNear(found: torch.Tensor, expected: number[], rtol = 1e-9): void {
  const close = torch.isclose(found, double(expected), { rtol, atol: 1e-300, equalNan: true });
  expect({ found: found.tolist(), close: close.tolist() }).toEqual({
    found: found.tolist(),
    close: expected.map(() => true),
  });
}

const ofOne: [name: string, x: number[], y: number[]][] = [
  [
    "airyAi",
    [-3.5, -0.4, 0.6, 1.7, 9.5],
    [-0.37553382330213075, 0.4542256138886674, 0.20980006166637938, 0.0543247927329195, 5.330263704617489e-10],
  ],
  [
    "besselJ0",
    [-2.3, -0.4, 0.6, 1.7, 9.5],
    [0.05553978444562005, 0.9603982266595634, 0.9120048634972107, 0.39798485944611056, -0.19392874749648786],
  ],
  [
    "besselJ1",
    [-2.3, -0.4, 0.6, 1.7, 9.5],
    [-0.5398725326043705, -0.19602657795531878, 0.2867009880639157, 0.5777652315290237, 0.1612644302659841],
  ],
  [
    "entr",
    [-2.3, -0.4, 0.6, 1.7, 9.5],
    [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.30649537425959444, -0.9020680268056896, -21.387272086761705],
  ],
  [
    "erfcx",
    [-2.3, -0.4, 0.6, 1.7, 9.5],
    [396.4601092565945, 1.676233956688859, 0.567804717386587, 0.2916632970753434, 0.0590646783525639],
  ],
  [
    "i0",
    [-2.3, -0.4, 0.6, 1.7, 9.5],
    [2.8296056006275854, 1.0404017822293414, 1.0920453643173396, 1.8639649620738397, 1753.480990527323],
  ],
  [
    "i0e",
    [-2.3, -0.4, 0.6, 1.7, 9.5],
    [0.28369298571049134, 0.6974021705595334, 0.5993272030798963, 0.3405156879824709, 0.13125126081426788],
  ],
  [
    "i1",
    [-2.3, -0.4, 0.6, 1.7, 9.5],
    [-2.0978000275174207, -0.2040267557335706, 0.313704025604922, 1.1963465656344825, 1658.4530777821344],
  ],
  [
    "i1e",
    [-2.3, -0.4, 0.6, 1.7, 9.5],
    [-0.2103230051205625, -0.13676322429582918, 0.17216441954151965, 0.21855280659849347, 0.1241382476548818],
  ],
  [
    "logNdtr",
    [-2.3, -0.4, 0.6, 1.7, 9.5],
    [-4.535260799273154, -1.0654340491895766, -0.3205539719875189, -0.045589029170068934, -1.0494515075362599e-21],
  ],
  [
    "modifiedBesselI0",
    [-2.3, -0.4, 0.6, 1.7, 9.5],
    [2.8296056006275854, 1.0404017822293414, 1.0920453643173396, 1.8639649620738397, 1753.480990527323],
  ],
  [
    "modifiedBesselI1",
    [-2.3, -0.4, 0.6, 1.7, 9.5],
    [-2.0978000275174207, -0.2040267557335706, 0.31370402560492205, 1.1963465656344825, 1658.4530777821344],
  ],
  [
    "ndtr",
    [-2.3, -0.4, 0.6, 1.7, 9.5],
    [0.010724110021675781, 0.3445782583896758, 0.7257468822499265, 0.955434537241457, 1.0],
  ],
  [
    "sinc",
    [-2.3, -0.4, 0.6, 1.7, 9.5],
    [0.11196439452184424, 0.756826728640657, 0.5045511524271047, -0.15148123964720117, -0.033506303808820075],
  ],
  [
    "sphericalBesselJ0",
    [-2.3, -0.4, 0.6, 1.7, 9.5],
    [0.32421965746813924, 0.9735458557716262, 0.9410707889917257, 0.5833322414426286, -0.007910644259137822],
  ],
  [
    "psi",
    [-2.3, -0.4, 0.6, 1.7, 9.5],
    [3.317323157561823, 0.9593807861068099, -1.5406192138931907, 0.20854787487349372, 2.19773787640295],
  ],
  [
    "gammaln",
    [-2.3, -0.4, 0.6, 1.7, 9.5],
    [0.36956666345500805, 1.31452458994339, 0.39823385806923495, -0.09580769740706588, 11.689333420797269],
  ],
  [
    "expit",
    [-2.3, -0.4, 0.6, 1.7, 9.5],
    [0.09112296101485616, 0.401312339887548, 0.6456563062257954, 0.8455347349164652, 0.9999251537724895],
  ],
  [
    "besselY0",
    [0.2, 1.5, 3.25, 12.0],
    [-1.081105322372115, 0.3824489237977592, 0.28828690268207224, -0.22523731263737054],
  ],
  [
    "besselY1",
    [0.2, 1.5, 3.25, 12.0],
    [-3.3238249881118476, -0.4123086269739113, 0.3797777737343038, -0.05709921829059519],
  ],
  [
    "modifiedBesselK0",
    [0.2, 1.5, 3.25, 12.0],
    [1.7527038555281453, 0.21380556264752565, 0.026058755255154952, 2.2008253973114916e-6],
  ],
  [
    "modifiedBesselK1",
    [0.2, 1.5, 3.25, 12.0],
    [4.775972543220472, 0.27738780045684397, 0.029825529796040123, 2.290757464767188e-6],
  ],
  [
    "scaledModifiedBesselK0",
    [0.2, 1.5, 3.25, 12.0],
    [2.1407573233800408, 0.9582100532948961, 0.6720641558493873, 0.3581948784890782],
  ],
  [
    "scaledModifiedBesselK1",
    [0.2, 1.5, 3.25, 12.0],
    [5.833386037186725, 1.2431658735525537, 0.7692105516502447, 0.3728317533697099],
  ],
  ["ndtri", [0.05, 0.3, 0.5, 0.9], [-1.6448536269514729, -0.5244005127080409, 0.0, 1.2815515655446004]],
];

const ofTwo: [name: string, a: number[], b: number[], y: number[]][] = [
  [
    "zeta",
    [1.5, 2.0, 3.0, 6.0],
    [0.3, 1.0, -1.5, 4.0],
    [8.237761671459724, 1.6449340668482266, 0.11810202582086413, 0.0003463198719662865],
  ],
  ["xlog1py", [0.0, 1.0, 2.0, -1.0], [-1.0, 0.5, 3.0, 1.0], [0.0, 0.4054651081081644, 2.772588722239781, -Math.LN2]],
  [
    "gammainc",
    [0.5, 2.0, 10.0, 300.0],
    [0.2, 3.0, 8.0, 310.0],
    [0.47291074313446185, 0.8008517265285442, 0.28337574127298903, 0.7224887540818496],
  ],
  [
    "gammaincc",
    [0.5, 2.0, 10.0, 300.0],
    [0.2, 3.0, 8.0, 310.0],
    [0.5270892568655381, 0.1991482734714558, 0.716624258727011, 0.2775112459181503],
  ],
  [
    "chebyshevPolynomialT",
    [0.3, -0.8, 1.0, 1.5, 0.4],
    [3.0, 10.0, 5.0, 4.0, -1.0],
    [-0.792, 0.9884965888, 1.0, 23.5, 0.0],
  ],
  [
    "chebyshevPolynomialU",
    [0.3, -0.8, 1.0, 1.5, 0.4],
    [3.0, 10.0, 5.0, 4.0, -1.0],
    [-0.984, 1.1901541376, 6.0, 55.0, 0.0],
  ],
  [
    "chebyshevPolynomialV",
    [0.3, -0.8, 1.0, 1.5, 0.4],
    [3.0, 10.0, 5.0, 4.0, -1.0],
    [-0.344, 1.4422260735999999, 1.0, 34.0, 0.0],
  ],
  [
    "chebyshevPolynomialW",
    [0.3, -0.8, 1.0, 1.5, 0.4],
    [3.0, 10.0, 5.0, 4.0, -1.0],
    [-1.624, 0.9380822016, 11.0, 76.0, 0.0],
  ],
  [
    "hermitePolynomialH",
    [0.3, -0.8, 1.0, 1.5, 0.4],
    [3.0, 10.0, 5.0, 4.0, -1.0],
    [-3.384, 36668.344916377595, -8.0, -15.0, 0.0],
  ],
  [
    "hermitePolynomialHe",
    [0.3, -0.8, 1.0, 1.5, 0.4],
    [3.0, 10.0, 5.0, 4.0, -1.0],
    [-0.873, 946.4683469824001, 6.0, -5.4375, 0.0],
  ],
  [
    "laguerrePolynomialL",
    [0.3, -0.8, 1.0, 1.5, 0.4],
    [3.0, 10.0, 5.0, 4.0, -1.0],
    [0.23050000000000007, 37.99377085969882, -0.4666666666666667, -0.2890625, 0.0],
  ],
  [
    "legendrePolynomialP",
    [0.3, -0.8, 1.0, 1.5, 0.4],
    [3.0, 10.0, 5.0, 4.0, -1.0],
    [-0.3825, 0.3005297956, 1.0, 14.0859375, 0.0],
  ],
  [
    "shiftedChebyshevPolynomialT",
    [0.3, -0.8, 1.0, 1.5, 0.4],
    [3.0, 10.0, 5.0, 4.0, -1.0],
    [0.944, 4882812.500000054, 1.0, 97.0, 0.0],
  ],
  [
    "shiftedChebyshevPolynomialU",
    [0.3, -0.8, 1.0, 1.5, 0.4],
    [3.0, 10.0, 5.0, 4.0, -1.0],
    [1.088, 10172526.041666668, 6.0, 209.0, 0.0],
  ],
  [
    "shiftedChebyshevPolynomialV",
    [0.3, -0.8, 1.0, 1.5, 0.4],
    [3.0, 10.0, 5.0, 4.0, -1.0],
    [1.448, 12207031.24999998, 1.0, 153.0, 0.0],
  ],
  [
    "shiftedChebyshevPolynomialW",
    [0.3, -0.8, 1.0, 1.5, 0.4],
    [3.0, 10.0, 5.0, 4.0, -1.0],
    [0.728, 8138020.833333355, 11.0, 265.0, 0.0],
  ],
];

type F = (...args: torch.Tensor[]) => torch.Tensor;
const special = (name: string): F => Reflect.get(torch.special, name);

test.each(ofOne)("special.%s", (name, x, y) => {
  // PyTorch has 7 digits of these.
  expectNear(special(name)(double(x)), y, /^(airyAi|besselJ1)$/.test(name) ? 1e-7 : 1e-9);
});

test.each(ofTwo)("special.%s", (name, a, b, y) => {
  expectNear(special(name)(double(a), double(b)), y);
});

test("special functions of float32 are those of float64, rounded", () => {
  const wide = torch.linspace(0.05, 20, 200, { dtype: torch.float64 }).float().double();
  for (const name of ["i0e", "i1e", "erfcx", "besselJ0", "besselY1", "scaledModifiedBesselK0", "logNdtr", "airyAi"]) {
    const narrow = special(name)(wide.float()).double();
    expect([name, torch.allclose(narrow, special(name)(wide), 1e-6, 1e-30)]).toEqual([name, true]);
  }
});

describe("the incomplete gamma functions", () => {
  test("add up to 1, near and far from their transition, for small and large shapes", () => {
    for (const shape of [1e-5, 0.3, 4, 30, 900, 2e4, 1e6]) {
      const a = torch.full([7], shape, { dtype: torch.float64 });
      const x = double([1e-3, 0.5, 0.9, 1, 1.05, 1.2, 3]).mul(shape);
      expectNear(torch.igamma(a, x).add(torch.igammac(a, x)), new Array<number>(7).fill(1), 1e-13);
    }
  });

  test("agree with the exponential and the error function", () => {
    const x = torch.linspace(0.01, 30, 100, { dtype: torch.float64 });
    expect(torch.allclose(torch.igammac(torch.ones(100).double(), x), x.neg().exp(), 1e-12, 0)).toBe(true);
    expect(torch.allclose(torch.igamma(torch.full([100], 0.5).double(), x), x.sqrt().erf(), 1e-12, 0)).toBe(true);
  });

  test("have no derivative by the shape", () => {
    const [a, x] = [double([2]).requiresGrad_(), double([3]).requiresGrad_()];
    const y = torch.igamma(a, x).sum();
    expect(torch.autograd.grad(y, x, { retainGraph: true })[0].item()).toBeCloseTo(3 * Math.exp(-3), 12);
    expect(() => y.backward()).toThrow("the derivative for 'igamma: input' is not implemented.");
  });
});

test("polygamma", () => {
  expectNear(
    torch.polygamma(2, double([0.5, 1.5, 2.5])),
    [-16.828796644234316, -0.8287966442343201, -0.23620405164172736],
  );
  expectNear(double([-0.5, 0.3]).polygamma(1), [8.934802200117687, 12.245364544940365]);
  expect(() => torch.polygamma(-1, double([1]))).toThrow("polygamma(n, x) does not support negative n.");
  expect(() => double([1]).polygamma(2.5)).toThrow("polygamma(): argument 'n' (position 1) must be int, not float");
  const x = double([0.5, 1.5]).requiresGrad_();
  const [first] = torch.autograd.grad(x.digamma().sum(), x, { createGraph: true });
  expectNear(torch.autograd.grad(first.sum(), x)[0], [-16.828796644234316, -0.8287966442343201]);
});

test("mvlgamma, ldexp and frexp", () => {
  expectNear(torch.mvlgamma(double([1.5, 2.5, 3.5]), 3), [2.1686775340635553, 1.8809954616117743, 3.895898482154039]);
  expect(() => torch.mvlgamma(double([1]), 0)).toThrow("p has to be greater than or equal to 1");
  expect(torch.ldexp(double([0.5, 1.5, 2.5]), torch.tensor([1, 2, -1])).tolist()).toEqual([1, 6, 1.25]);
  const { mantissa, exponent } = torch.frexp(double([10, -0.3, 0, Number.POSITIVE_INFINITY]));
  expect(mantissa.tolist()).toEqual([0.625, -0.6, 0, Number.POSITIVE_INFINITY]);
  expect([exponent.tolist(), exponent.dtype]).toEqual([[4, -1, 0, 0], torch.int32]);
});

test("floatPower computes in float64", () => {
  expect(torch.floatPower(torch.tensor([2, 3]), -1).dtype).toBe(torch.float64);
  expect(torch.floatPower(2, torch.tensor([3])).tolist()).toEqual([8]);
  expect(() => torch.tensor([1.5]).floatPower_(2)).toThrow(
    "the base given to float_power_ has dtype Float but the operation's result requires dtype Double",
  );
});

test("gradient", () => {
  const x = double([1, 2, 4, 8]);
  expectNear(torch.gradient(x, { spacing: [double([0, 1, 3, 4])], edgeOrder: 2 })[0], [1, 1, 3, 5], 1e-12);
  expect(torch.gradient(x, { spacing: 0.5, edgeOrder: 2 })[0].tolist()).toEqual([1, 3, 6, 10]);
  expect(
    torch
      .gradient(
        torch.tensor([
          [1, 2, 4],
          [2, 5, 3],
        ]),
      )
      .map((g) => g.tolist()),
  ).toEqual([
    [
      [1, 3, -1],
      [1, 3, -1],
    ],
    [
      [1, 1.5, 2],
      [3, 0.5, -2],
    ],
  ]);
  expect(() => torch.gradient(x, { spacing: [1, 2] })).toThrow(
    "torch.gradient expected spacing to be unspecified, a scalar or a list of length 1 but got a list of length 2",
  );
});

test("integrals by trapezoids", () => {
  const y = double([1, 2, 4]);
  expect(torch.trapezoid(y, double([0, 1, 3])).item()).toBe(7.5);
  expect(torch.cumulativeTrapezoid(y, { dx: 0.5 }).tolist()).toEqual([0.75, 2.25]);
  expect(torch.cumulativeTrapezoid(torch.tensor([1, 2, 4]), { dx: 2 }).dtype).toBe(torch.float32);
  expect(() => torch.trapezoid(y, double([0, 1]))).toThrow("There must be one `x` value for each sample point");
});

test("renorm scales down what is too long", () => {
  const x = double([3, 4, 0.3, 0.4]).reshape(2, 2);
  expectNear(x.renorm(2, 0, 1).flatten(), [0.5999999880000002, 0.7999999840000003, 0.3, 0.4]);
  expect(() => torch.renorm(x, -1, 0, 1)).toThrow("renorm: non-positive-norm not supported");
  expect(x.renorm_(2, 0, 1)).toBe(x);
});

test("products in place", () => {
  const [m, v] = [torch.ones(2, 2), torch.ones(2)];
  expect(torch.ones(2, 2).addmm_(m, m, { beta: 2, alpha: 3 }).tolist()).toEqual([
    [8, 8],
    [8, 8],
  ]);
  expect(torch.ones(2, 2).addr_(v, v, { alpha: 2 }).tolist()).toEqual([
    [3, 3],
    [3, 3],
  ]);
  expect(() => torch.ones(2).addmm_(m, m)).toThrow(
    "Bad in-place call: input tensor size [2] and output tensor size [2, 2] should match",
  );
  // The product reads elements that are gone by then.
  const y = torch.ones(2, 2, { requiresGrad: true }).mul(2);
  y.addmm_(y, y);
  expect(() => y.sum().backward()).toThrow("has been modified by an inplace operation");
});
